// What the calls of the benchmark go to: real servers with one small table or value each, and files of SQLite.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startMariadb } from '../../../hack/services/mariadb.ts';
import { startPostgres } from '../../../hack/services/postgres.ts';
import { startRedis } from '../../../hack/services/redis.ts';

/** The drivers are Spindle's. */
const driver = createRequire(join(import.meta.dirname, '../../../runtime-node/package.json'));

const PEOPLE = Array.from({ length: 100 }, (_, id) => [id, `Person number ${id} of a hundred\n`] as const);
const VALUES = PEOPLE.map(([id, name]) => `(${id}, '${name}')`).join(', ');
const TABLE = 'CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL)';
const INSERT = `INSERT INTO person (id, name) VALUES ${VALUES}`;
const GREETING = 'Hello from a store!\n';

export interface Services {
  readonly postgres: string;
  readonly mysql: string;
  readonly redis: string;
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** A folder as `spindle up --state-dir` takes it, one for each server that is compared. */
  stateDir(name: string): string;
  stop(): Promise<void>;
}

/** Starts those that are named; the others have no address. */
export async function startServices(wanted: ReadonlySet<string>): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-bench-host-'));
  const stops: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const start = async <S extends { readonly address: string; stop(): Promise<void> }>(
    name: string,
    begin: () => Promise<S>,
    fill: (address: string) => Promise<void>,
  ): Promise<string> => {
    if (!wanted.has(name)) {
      return '';
    }
    const server = await begin();
    stops.push(() => server.stop());
    await fill(server.address);
    return server.address;
  };
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) {
      await end();
    }
  };
  try {
    return {
      postgres: await start('postgres', startPostgres, fillPostgres),
      mysql: await start('mysql', startMariadb, fillMysql),
      redis: await start('redis', startRedis, fillRedis),
      origin: await start('origin', startOrigin, async () => {}),
      stateDir: (name) => {
        const directory = mkdtempSync(join(folder, `${name}-`));
        fillSqlite(directory);
        return directory;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOrigin(): Promise<{ address: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'origin.cjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    address: `http://127.0.0.1:${port.toString().trim()}`,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

async function fillPostgres(connectionString: string): Promise<void> {
  const client = new (driver('pg').Client)({ connectionString });
  await client.connect();
  await client.query(`${TABLE}; ${INSERT}`);
  await client.end();
}

async function fillMysql(uri: string): Promise<void> {
  const connection = await driver('mysql2/promise').createConnection({ uri });
  await connection.query(TABLE);
  await connection.query(INSERT);
  await connection.end();
}

async function fillRedis(address: string): Promise<void> {
  const client = new (driver('ioredis').Redis)(address);
  await client.set('greeting', GREETING);
  await client.quit();
}

/** As `spindle up` finds them in its state directory. */
export const storeFile = (stateDir: string): string => join(stateDir, 'sqlite_key_value.db');
export const databaseFile = (stateDir: string): string => join(stateDir, 'sqlite_db.db');

function fillSqlite(directory: string): void {
  const database = new DatabaseSync(databaseFile(directory));
  database.exec(`PRAGMA journal_mode = WAL; ${TABLE}; ${INSERT}`);
  database.close();
  const store = new DatabaseSync(storeFile(directory));
  store.exec(
    'CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))',
  );
  store.prepare('INSERT INTO spin_key_value VALUES (?, ?, ?)').run('default', 'greeting', Buffer.from(GREETING));
  store.close();
}
