// What the MySQL interfaces of one app share, and how a guest gets a connection: the manifest is asked first.
import type { Socket } from 'node:net';
import { ConnectionPool, PoolExhausted, type Lease } from '../connection-pool/pool.ts';
import type { Guest } from '../guest.ts';
import { platformTrust } from '../http/client/trust.ts';
import { startTls, type ConnectionLimit, type OutboundNetwork } from '../network/index.ts';
import { destinationOf, targetOf, type MySqlTarget } from './address.ts';
import type { Connection } from './client/connection.ts';
import { ProtocolError } from '../driver-socket/failures.ts';
import { connectError, MySqlError } from './failure.ts';
import { Session } from './session.ts';

/** As Spin has it for PostgreSQL; for MySQL it opens as many as are asked for. */
const MAX_PER_ADDRESS = 64;

/** To answer the start of a connection; a server may send byte by byte. */
const CONNECT_MS = 30_000;

/** Spin's tables hold so many, per instance (spin-contract.md §4). */
const MAX_OPEN = 1024;

const OPEN = Symbol('open MySQL connections');

export class MySqlState {
  readonly #network: OutboundNetwork;
  readonly #pool: ConnectionPool<Connection>;

  constructor(network: OutboundNetwork, limit: ConnectionLimit) {
    this.#network = network;
    this.#pool = new ConnectionPool({ limit, maxPerKey: MAX_PER_ADDRESS });
  }

  /** Throws or rejects with MySqlError; answers at once where a connection is ready. */
  open(guest: Guest, address: string): MySqlConnection | Promise<MySqlConnection> {
    const count = guest.state(OPEN, () => ({ open: 0 }));
    if (count.open === MAX_OPEN) {
      throw new MySqlError('connection-failed', 'too many connections');
    }
    const opened = ({ connection, release }: Lease<Connection>): MySqlConnection =>
      new MySqlConnection(new Session(connection), () => {
        count.open -= 1;
        release();
      });
    const key = JSON.stringify([guest.component.id, address]);
    // Who may go where does not change while the app is open.
    const ready = this.#pool.tryLease(key);
    count.open += 1;
    return ready === undefined
      ? this.#lease(guest, address, key).then(opened, (error: unknown) => {
          count.open -= 1;
          throw error instanceof PoolExhausted
            ? new MySqlError('connection-failed', 'too many connections', error)
            : connectError(error);
        })
      : opened(ready);
  }

  close(): void {
    this.#pool.close();
  }

  async #lease({ component, call }: Guest, address: string, key: string): Promise<Lease<Connection>> {
    const destination = destinationOf(address);
    // The entry that would allow it; the address itself may hold a password.
    const pattern = `${destination?.scheme ?? 'mysql'}://${URL.parse(address)?.host ?? ''}`;
    if (destination === undefined || !this.#network.allows(component.id, destination, pattern)) {
      // With the password, as Spin has it: the guest has written it itself.
      throw new MySqlError('connection-failed', `address ${address} is not permitted`);
    }
    const target = targetOf(address, destination);
    return this.#pool.lease(key, (signal, onClose) => connect(this.#network, target, signal, onClose), call.signal);
  }
}

/** `connection`: the guest's until it drops it. */
export class MySqlConnection implements Disposable {
  readonly session: Session;
  #release: (() => void) | undefined;

  constructor(session: Session, release: () => void) {
    this.session = session;
    this.#release = release;
  }

  [Symbol.dispose](): void {
    this.#release?.();
    this.#release = undefined;
  }
}

async function connect(
  network: OutboundNetwork,
  target: MySqlTarget,
  given: AbortSignal,
  onClose: () => void,
): Promise<Connection> {
  const deadline = AbortSignal.timeout(CONNECT_MS);
  const signal = AbortSignal.any([given, deadline]);
  let inUse = false;
  let connection: Connection | undefined;
  try {
    const socket = await network.connect(target, signal);
    const { Connection } = await import('./client/connection.ts');
    const tls = target.tls
      ? (plain: Socket) => startTls(plain, target.host, { alpn: [], secureContext: platformTrust() }, signal)
      : undefined;
    connection = new Connection(socket, { ...target, tls }, () => {
      if (inUse) {
        onClose();
      }
    });
    const settled = connection.endWith(signal);
    await connection.loggedIn();
    settled();
    inUse = connection.usable;
    if (!inUse) {
      throw new ProtocolError('connection closed');
    }
    return connection;
  } catch (error) {
    connection?.fail(error as Error);
    given.throwIfAborted();
    throw deadline.aborted ? new ProtocolError('the server does not answer in time') : error;
  }
}
