// What a guest holds of a database, and how many of them there may be.
import type { Guest } from '../guest.ts';
import { ioError, SqliteError, type SqlConnection } from './backend.ts';
import type { SqliteDatabases } from './databases.ts';

/** The size of Spin's table, per instance. */
const MAX_OPEN = 256;

const OPEN = Symbol('sqlite connections');

/** `connection` of fermyon:spin/sqlite@2.0.0 and spin:sqlite. */
export class Connection implements Disposable {
  readonly sql: SqlConnection;
  readonly #counter: { open: number };
  #held = true;

  constructor(guest: Guest, connect: () => SqlConnection) {
    this.#counter = guest.state(OPEN, () => ({ open: 0 }));
    if (this.#counter.open === MAX_OPEN) {
      throw ioError('too many connections opened');
    }
    this.sql = connect();
    this.#counter.open += 1;
  }

  [Symbol.dispose](): void {
    if (this.#held) {
      this.#held = false;
      this.#counter.open -= 1;
      this.sql.close();
    }
  }
}

/** Permission comes before existence; nothing is opened yet. */
export function openConnection(databases: SqliteDatabases, guest: Guest, label: string): Connection {
  const database = databases.allowed(guest.component, label);
  if (database === undefined) {
    throw new SqliteError({ tag: 'access-denied' });
  }
  return new Connection(guest, () => database.connect());
}
