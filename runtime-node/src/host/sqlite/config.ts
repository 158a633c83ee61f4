// `[sqlite_database.<label>]` of the runtime configuration (spin-contract.md §5.1).
import { UserError } from '@spindle/api';
import type { LibsqlServer } from './libsql/libsql.ts';

export type DatabaseConfig =
  | {
      readonly type: 'spin';
      /** As written; relative to the working directory of the process. Undefined is a database in memory. */
      readonly path: string | undefined;
      readonly allowAttachFile: boolean;
    }
  | ({ readonly type: 'libsql' } & LibsqlServer);

export type SqliteConfig = ReadonlyMap<string, DatabaseConfig>;

type Table = Readonly<Record<string, unknown>>;

const SECTION = 'sqlite_database';

const wrong = (field: string, what: string, remedy: string): UserError =>
  new UserError(`${field} ${what}`, { code: 'SPK4001', field, remedy });

export function parseSqliteConfig(raw: Table): SqliteConfig {
  const databases = raw[SECTION] ?? {};
  if (!isTable(databases)) {
    throw wrong(SECTION, 'is not a table', `Write [${SECTION}.<label>].`);
  }
  return new Map(
    Object.entries(databases).map(([label, database]) => [label, parseDatabase(`${SECTION}.${label}`, database)]),
  );
}

function parseDatabase(field: string, raw: unknown): DatabaseConfig {
  if (!isTable(raw)) {
    throw wrong(field, 'is not a table', `Write [${field}] with type = "spin".`);
  }
  const { type } = raw;
  if (type === 'spin') {
    refuseOthers(field, raw, ['type', 'path', 'allow_attach_file']);
    return { type, path: path(field, raw['path']), allowAttachFile: flag(field, raw['allow_attach_file']) };
  }
  if (type === 'libsql') {
    refuseOthers(field, raw, ['type', 'url', 'token']);
    return { type, url: address(field, raw['url']), token: token(field, raw['token']) };
  }
  throw wrong(
    `${field}.type`,
    type === undefined ? 'is missing' : `is ${JSON.stringify(type)}, which is no type of database`,
    'Use type = "spin" or type = "libsql".',
  );
}

function path(field: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) {
    return value;
  }
  throw wrong(
    `${field}.path`,
    'is not a path',
    'Give the path of a file in quotes, or leave it out for a database in memory.',
  );
}

function flag(field: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') {
    return value ?? false;
  }
  throw wrong(`${field}.allow_attach_file`, 'is neither true nor false', 'Leave it out for false.');
}

/** The value stands in no message: an address may hold a password. */
function address(field: string, value: unknown): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw wrong(`${field}.url`, 'is not an http or https URL', 'Write url = "https://<database>.turso.io".');
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong(`${field}.url`, 'holds a user or a password', 'Put the credentials into token.');
  }
  return url;
}

function token(field: string, value: unknown): string {
  // What a header cannot hold is not shown either.
  if (typeof value !== 'string' || !/^[\x21-\x7e]*$/.test(value)) {
    throw wrong(`${field}.token`, value === undefined ? 'is missing' : 'is not a token', 'Write token = "…".');
  }
  return value;
}

function refuseOthers(field: string, table: Table, known: readonly string[]): void {
  const unknown = Object.keys(table).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new UserError(`unknown key ${field}.${unknown}`, {
      code: 'SPK4001',
      field: `${field}.${unknown}`,
      remedy: `A database of type ${JSON.stringify(table['type'])} has the keys ${known.join(', ')}.`,
    });
  }
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
