// spin:postgres@4 (4.0, 4.1, and 4.2 with its asynchronous functions, which give rows as a stream).
import { plain, Trap, waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { inTurn } from '../io/in-turn.ts';
import { listStream } from '../io/list-streams.ts';
import { failureOf } from './failure.ts';
import { MAX_OPEN, openConnection, PgConnection } from './open-connection.ts';
import { checkAuthority, type PgState } from './state.ts';
import type { PgValue } from './value.ts';

const BUILDERS = Symbol('PostgreSQL connection builders');

class ConnectionBuilder implements Disposable {
  readonly address: string;
  authority: string | undefined;
  readonly #count: { open: number };

  constructor(guest: Guest, address: string) {
    this.#count = guest.state(BUILDERS, () => ({ open: 0 }));
    if (this.#count.open === MAX_OPEN) {
      throw new Trap('out of builder table space');
    }
    this.#count.open += 1;
    this.address = address;
  }

  [Symbol.dispose](): void {
    this.#count.open -= 1;
  }
}

/** Those of 4.2. */
const asynchronous = (state: PgState): HostInterface<Guest>['functions'] => ({
  '[static]connection.open-async': waiting((guest: Guest, address: string) =>
    attempt(() => openConnection(state, guest, address), failureOf),
  ),
  '[method]connection.query-async': waiting(
    ({ call }: Guest, { session }: PgConnection, statement: string, values: readonly PgValue[]) =>
      attempt(
        () =>
          inTurn(session, async () => {
            const { columns, rows } = await session.query(statement, values, call.signal);
            return [columns, ...listStream(rows)];
          }),
        failureOf,
      ),
  ),
  '[method]connection.execute-async': waiting(
    ({ call }: Guest, { session }: PgConnection, statement: string, values: readonly PgValue[]) =>
      attempt(() => inTurn(session, () => session.execute(statement, values, call.signal)), failureOf),
  ),
  '[method]connection-builder.build-async': waiting((guest: Guest, { address, authority }: ConnectionBuilder) =>
    attempt(() => openConnection(state, guest, address, authority), failureOf),
  ),
});

export function postgresV4(state: PgState): HostInterface<Guest> {
  return {
    resources: { connection: PgConnection, 'connection-builder': ConnectionBuilder },
    functions: {
      ...asynchronous(state),
      '[static]connection.open': waiting((guest: Guest, address: string) =>
        attempt(() => openConnection(state, guest, address), failureOf),
      ),
      '[method]connection.query': waiting(
        ({ call }: Guest, { session }: PgConnection, statement: string, values: readonly PgValue[]) =>
          attempt(() => session.query(statement, values, call.signal), failureOf),
      ),
      '[method]connection.execute': waiting(
        ({ call }: Guest, { session }: PgConnection, statement: string, values: readonly PgValue[]) =>
          attempt(() => session.execute(statement, values, call.signal), failureOf),
      ),
      '[constructor]connection-builder': plain(
        (guest: Guest, address: string) => new ConnectionBuilder(guest, address),
      ),
      '[method]connection-builder.set-ca-root': plain((_guest: Guest, builder: ConnectionBuilder, pem: string) =>
        attempt(() => {
          checkAuthority(pem);
          builder.authority = pem;
        }, failureOf),
      ),
      // Spin does not ask the manifest here; this does.
      '[method]connection-builder.build': waiting((guest: Guest, { address, authority }: ConnectionBuilder) =>
        attempt(() => openConnection(state, guest, address, authority), failureOf),
      ),
    },
  };
}
