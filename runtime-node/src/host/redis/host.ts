// fermyon:spin/redis@2.0.0, and spin:redis/redis@3.0.0, which has the same functions.
import { waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import * as commands from './commands.ts';
import { failureOf, type Ask, type RedisParameter } from './commands.ts';
import type { Lease } from './connections.ts';
import { OpenCount, type RedisState } from './state.ts';

/** `connection`: the guest's until it drops it. */
export class Connection implements Disposable {
  readonly #lease: Lease;
  readonly #count: OpenCount;
  #clean = true;
  #open = true;

  constructor(lease: Lease, count: OpenCount) {
    this.#lease = lease;
    this.#count = count;
  }

  /** `anything`: the guest chooses the command, which may leave the connection in a state that others must not find. */
  ask({ call }: Guest, anything = false): Ask {
    this.#clean &&= !anything;
    return commands.askOver(this.#lease.connection, call.signal);
  }

  [Symbol.dispose](): void {
    if (this.#open) {
      this.#open = false;
      this.#count.giveBack();
      this.#lease.release(this.#clean);
    }
  }
}

export function redisInterface(state: RedisState): HostInterface<Guest> {
  const method = <Args extends unknown[]>(act: (ask: Ask, ...args: Args) => Promise<unknown>) =>
    waiting((guest: Guest, self: Connection, ...args: Args) => attempt(() => act(self.ask(guest), ...args), failureOf));
  return {
    resources: { connection: Connection },
    functions: {
      '[static]connection.open': waiting((guest: Guest, address: string) =>
        attempt(() => open(state, guest, address), failureOf),
      ),
      '[method]connection.publish': method(commands.publish),
      '[method]connection.get': method(commands.get),
      '[method]connection.set': method(commands.set),
      '[method]connection.incr': method(commands.incr),
      '[method]connection.del': method(commands.del),
      '[method]connection.sadd': method(commands.sadd),
      '[method]connection.smembers': method(commands.smembers),
      '[method]connection.srem': method(commands.srem),
      '[method]connection.execute': waiting(
        (guest: Guest, self: Connection, command: string, parameters: readonly RedisParameter[]) =>
          attempt(() => commands.execute(self.ask(guest, true), command, parameters), failureOf),
      ),
    },
  };
}

async function open(state: RedisState, guest: Guest, address: string): Promise<Connection> {
  const count = OpenCount.of(guest);
  count.take();
  try {
    return new Connection(await state.open(guest, address), count);
  } catch (error) {
    count.giveBack();
    throw error;
  }
}
