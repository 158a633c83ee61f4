// fermyon:spin/mqtt@2.0.0, and spin:mqtt/mqtt@3.0.0, which has the same functions.
import { plain, waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { failureOf, MqttFailed } from './failure.ts';
import type { MqttSession, Qos } from './session.ts';
import type { MqttState } from './state.ts';

/** Spin's table holds this many connections per instance (spin-contract.md §4). */
const MAX_OPEN = 1024;

/** The field of the CONNECT packet has 16 bits. */
const MAX_KEEP_ALIVE_SECONDS = 65_535;

const OPEN = Symbol('open MQTT connections');

interface Count {
  open: number;
}

/** `connection`: the guest's until it drops it. */
export class Connection implements Disposable {
  readonly session: MqttSession;
  #count: Count | undefined;

  constructor(count: Count, session: MqttSession) {
    if (count.open === MAX_OPEN) {
      throw new MqttFailed({ tag: 'too-many-connections' });
    }
    count.open += 1;
    this.#count = count;
    this.session = session;
  }

  [Symbol.dispose](): void {
    if (this.#count !== undefined) {
      this.#count.open -= 1;
      this.#count = undefined;
      this.session.end();
    }
  }
}

export function mqttInterface(state: MqttState): HostInterface<Guest> {
  return {
    resources: { connection: Connection },
    functions: {
      '[static]connection.open': plain(
        (guest: Guest, address: string, username: string, password: string, keepAlive: bigint) =>
          attempt(() => {
            const keepAliveSeconds =
              keepAlive > BigInt(MAX_KEEP_ALIVE_SECONDS) ? MAX_KEEP_ALIVE_SECONDS : Number(keepAlive);
            const session = state.session(guest, address, { username, password, keepAliveSeconds });
            return new Connection(
              guest.state(OPEN, () => ({ open: 0 })),
              session,
            );
          }, failureOf),
      ),
      '[method]connection.publish': waiting(
        (guest: Guest, { session }: Connection, topic: string, payload: Uint8Array, qos: Qos) =>
          attempt(async () => {
            const { maxPayloadBytes } = state;
            if (maxPayloadBytes !== undefined && payload.length > maxPayloadBytes) {
              const text = `payload size ${payload.length} exceeds the maximum allowed size of ${maxPayloadBytes} bytes`;
              throw new MqttFailed({ tag: 'other', val: text });
            }
            await session.publish(topic, payload, qos, guest.call.signal);
          }, failureOf),
      ),
    },
  };
}
