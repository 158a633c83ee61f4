// fermyon:spin/sqlite@2.0.0 and spin:sqlite (spin-contract.md §4.3), whose asynchronous functions give rows as a stream.
import { plain, waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { inTurn } from '../io/in-turn.ts';
import { listStream } from '../io/list-streams.ts';
import { failureOf, type QueryResult, type SqlValue } from './backend.ts';
import { Connection, openConnection } from './connections.ts';
import type { SqliteDatabases } from './databases.ts';

export function sqliteV2(databases: SqliteDatabases): HostInterface<Guest> {
  return {
    resources: { connection: Connection },
    functions: {
      '[static]connection.open': plain((guest: Guest, label: string) =>
        attempt(() => openConnection(databases, guest, label), failureOf),
      ),
      '[method]connection.execute': waiting(
        ({ call }: Guest, { sql }: Connection, statement: string, parameters: readonly SqlValue[]) =>
          attempt(
            () => sql.executeNow?.(statement, parameters) ?? sql.execute(statement, parameters, call.signal),
            failureOf,
          ),
      ),
    },
  };
}

export function sqliteV3(databases: SqliteDatabases): HostInterface<Guest> {
  const { resources, functions } = sqliteV2(databases);
  const open = plain((guest: Guest, label: string) =>
    attempt(() => openConnection(databases, guest, label), failureOf),
  );
  return {
    resources,
    functions: {
      ...functions,
      '[method]connection.last-insert-rowid': plain((_guest: Guest, { sql }: Connection) => sql.lastInsertRowid),
      '[method]connection.changes': plain((_guest: Guest, { sql }: Connection) => sql.changes),
      '[static]connection.open-async': open,
      '[method]connection.execute-async': waiting(
        ({ call }: Guest, { sql }: Connection, statement: string, parameters: readonly SqlValue[]) =>
          attempt(
            () => inTurn(sql, async () => streamed(await sql.execute(statement, parameters, call.signal))),
            failureOf,
          ),
      ),
      '[method]connection.last-insert-rowid-async': waiting((_guest: Guest, { sql }: Connection) =>
        inTurn(sql, async () => sql.lastInsertRowid),
      ),
      '[method]connection.changes-async': waiting((_guest: Guest, { sql }: Connection) =>
        inTurn(sql, async () => sql.changes),
      ),
    },
  };
}

const streamed = ({ columns, rows }: QueryResult) => [columns, ...listStream(rows)];
