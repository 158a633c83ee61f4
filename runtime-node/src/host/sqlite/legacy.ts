// fermyon:spin/sqlite without a version (Spin 1): connections are numbers that the guest keeps and closes.
import { plain, waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { failureOf, SqliteError, type SqlValue } from './backend.ts';
import { openConnection, type Connection } from './connections.ts';
import type { SqliteDatabases } from './databases.ts';

const TABLE = Symbol('sqlite connections by number');

/** The end of an instance drops its handles, but numbers are no handles. */
const forgotten = new FinalizationRegistry<Map<number, Connection>>((connections) => {
  for (const connection of connections.values()) {
    connection[Symbol.dispose]();
  }
});

class ConnectionTable {
  readonly #connections = new Map<number, Connection>();
  #next = 0;

  constructor() {
    forgotten.register(this, this.#connections);
  }

  insert(connection: Connection): number {
    const number = this.#next++;
    this.#connections.set(number, connection);
    return number;
  }

  get(number: number): Connection {
    const connection = this.#connections.get(number);
    if (connection === undefined) {
      throw new SqliteError({ tag: 'invalid-connection' });
    }
    return connection;
  }

  close(number: number): void {
    this.#connections.get(number)?.[Symbol.dispose]();
    this.#connections.delete(number);
  }
}

const tableOf = (guest: Guest): ConnectionTable => guest.state(TABLE, () => new ConnectionTable());

export function sqliteV1(databases: SqliteDatabases): HostInterface<Guest> {
  return {
    resources: {},
    functions: {
      open: plain((guest: Guest, label: string) =>
        attempt(() => tableOf(guest).insert(openConnection(databases, guest, label)), failureOf),
      ),
      execute: waiting((guest: Guest, number: number, statement: string, parameters: readonly SqlValue[]) =>
        attempt(() => tableOf(guest).get(number).sql.execute(statement, parameters, guest.call.signal), failureOf),
      ),
      close: plain((guest: Guest, number: number) => tableOf(guest).close(number)),
    },
  };
}
