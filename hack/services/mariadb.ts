// MariaDB on a free port of the loopback, with a data directory of its own that goes when it stops.
// By hand: `node hack/services/mariadb.ts` prints the address and runs until Ctrl-C.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, type Program } from './debian-package.ts';
import { accepts, freePort, serverDirectory, startServer } from './server-process.ts';

const run = promisify(execFile);

export interface MariadbConfig {
  /** PEM of the server's certificate and key: it then takes TLS beside plain connections. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** More arguments, e.g. `--max-connections=10`. */
  readonly args?: readonly string[];
}

export interface RunningMariadb {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** `mysql://user:password@127.0.0.1:port/database` */
  readonly address: string;
  stop(): Promise<void>;
}

const USER = 'spin';
const PASSWORD = 'of no other database';
const DATABASE = 'spin_dev';

/** The tables that a server has before it first starts, in the order that its own installer has. */
const SYSTEM_TABLES = [
  'mysql_system_tables.sql',
  'mysql_performance_tables.sql',
  'mysql_system_tables_data.sql',
  'fill_help_tables.sql',
  'mysql_sys_schema.sql',
];

export async function startMariadb(config: MariadbConfig = {}): Promise<RunningMariadb> {
  const program = await findProgram({
    program: 'mariadbd',
    package: 'mariadb-server-core',
    variable: 'SPINDLE_TEST_MARIADB',
    folder: 'usr/sbin',
  });
  const directory = await serverDirectory('mariadb');
  const port = await freePort();
  // The library of the message texts and system tables stands beside the program.
  const share = join(dirname(program.path), '../share/mysql');
  const base = [
    '--no-defaults',
    `--datadir=${join(directory, 'data')}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    `--plugin-dir=${join(dirname(program.path), '../lib/mysql/plugin')}`,
    `--tmpdir=${directory}`,
    `--user=${userInfo().username}`,
  ];
  await initialize(program, base, directory, share);
  const server = await startServer({
    program,
    directory,
    args: [
      ...base,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(directory, 'socket')}`,
      `--pid-file=${join(directory, 'pid')}`,
      // Losing tests' data in a crash is no loss.
      '--innodb-flush-log-at-trx-commit=0',
      '--skip-log-bin',
      '--skip-name-resolve',
      ...(await tlsArgs(config, directory)),
      ...(config.args ?? []),
    ],
    ready: async (said) => said.some((line) => line.includes('ready for connections')) && (await accepts(port)),
  });
  return {
    port,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    address: `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${DATABASE}`,
    stop: () => server.stop(),
  };
}

/** What mariadb-install-db does, without what it wants to be installed. */
async function initialize(program: Program, base: readonly string[], directory: string, share: string): Promise<void> {
  for (const database of ['mysql', DATABASE]) {
    await mkdir(join(directory, 'data', database), { recursive: true });
  }
  const scripts = await Promise.all(SYSTEM_TABLES.map((name) => readFile(join(share, name), 'utf8')));
  const sql = [
    'USE mysql;',
    ...scripts,
    'FLUSH PRIVILEGES;',
    `CREATE USER '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';`,
    `GRANT ALL ON *.* TO '${USER}'@'127.0.0.1' WITH GRANT OPTION;`,
    '',
  ].join('\n');
  const file = join(directory, 'bootstrap.sql');
  await writeFile(file, sql);
  await run(
    '/bin/sh',
    [
      '-c',
      '"$0" "$@" < "$BOOTSTRAP"',
      program.path,
      ...base,
      '--bootstrap',
      '--skip-networking',
      '--max-allowed-packet=8M',
      '--net-buffer-length=16K',
    ],
    { cwd: directory, env: { ...process.env, ...program.env, BOOTSTRAP: file } },
  );
}

async function tlsArgs({ tls }: MariadbConfig, directory: string): Promise<string[]> {
  if (tls === undefined) {
    return [];
  }
  const certificate = join(directory, 'certificate.pem');
  const key = join(directory, 'key.pem');
  await writeFile(certificate, tls.certificate);
  await writeFile(key, tls.key);
  return [`--ssl-cert=${certificate}`, `--ssl-key=${key}`];
}

if (import.meta.main) {
  const server = await startMariadb();
  process.stdout.write(`${server.address}\n`);
  await once(process, 'SIGINT');
  await server.stop();
}
