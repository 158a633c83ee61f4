// `--sqlite`: statements that are run before the app starts (spin-contract.md §5.3).
import { UserError } from '@spindle/api';
import { SqliteError } from './backend.ts';
import type { SqliteDatabases } from './databases.ts';

/** One flag: a statement of its own, or a file of them. */
export type InitialStatements =
  | { readonly kind: 'statement'; readonly sql: string }
  | { readonly kind: 'file'; readonly file: string; readonly label: string; readonly sql: string };

const DEFAULT_LABEL = 'default';

export async function runInitialStatements(
  databases: SqliteDatabases,
  all: readonly InitialStatements[],
): Promise<void> {
  const { signal } = new AbortController();
  for (const statements of all) {
    const label = statements.kind === 'file' ? statements.label : DEFAULT_LABEL;
    const database = databases.named(label);
    if (database === undefined) {
      throw new UserError(`there is no SQLite database ${JSON.stringify(label)}`, {
        code: 'SPK4082',
        field: '--sqlite',
        remedy: `Add [sqlite_database.${label}] to the runtime configuration, or leave the label out for "default".`,
      });
    }
    const connection = database.connect();
    try {
      await (statements.kind === 'file'
        ? connection.batch(statements.sql, signal)
        : connection.execute(statements.sql, [], signal));
    } catch (cause) {
      throw cause instanceof SqliteError ? failed(statements, cause) : cause;
    } finally {
      connection.close();
    }
  }
}

function failed(statements: InitialStatements, cause: SqliteError): UserError {
  const what = statements.kind === 'file' ? `the statements in '${statements.file}'` : `'${statements.sql}'`;
  return new UserError(`failed to execute ${what}: ${cause.message}`, {
    code: 'SPK4083',
    field: '--sqlite',
    ...(statements.kind === 'file' ? { file: statements.file } : {}),
    remedy: 'Correct the statement, and see what the database already has: earlier ones may have been run.',
    cause,
  });
}
