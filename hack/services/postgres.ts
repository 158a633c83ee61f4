// PostgreSQL on a free port of the loopback, with a cluster of its own that goes when it stops.
// By hand: `node hack/services/postgres.ts` prints the address and runs until Ctrl-C.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, type Program } from './debian-package.ts';
import { accepts, freePort, serverDirectory, startServer } from './server-process.ts';

const run = promisify(execFile);

/** Debian's nobody: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

export interface PostgresConfig {
  /** PEM of the server's certificate and key: it then takes TLS beside plain connections. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Lines for postgresql.conf. */
  readonly settings?: readonly string[];
}

export interface RunningPostgres {
  readonly port: number;
  /** Superuser of the database `postgres`. */
  readonly user: string;
  readonly password: string;
  /** `postgres://user:password@127.0.0.1:port/postgres` */
  readonly address: string;
  stop(): Promise<void>;
}

export async function startPostgres(config: PostgresConfig = {}): Promise<RunningPostgres> {
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  const directory = await serverDirectory('postgres');
  const postgres = await reachable(await findPostgres(), directory, user);
  const initdb = { ...postgres, path: join(dirname(await realpath(postgres.path)), 'initdb') };
  const data = join(directory, 'data');
  const secret = 'of no other database';
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, secret);
  await mkdir(data);
  await own([directory, passwordFile, data], user);
  await run(
    initdb.path,
    [
      `--pgdata=${data}`,
      '--username=spin',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { cwd: directory, env: { ...process.env, ...initdb.env }, ...(user === undefined ? {} : { uid: user, gid: user }) },
  );
  const port = await freePort();
  const settings = [
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    // Losing tests' data in a crash is no loss.
    'fsync = off',
    ...(await tlsSettings(config, directory, user)),
    ...(config.settings ?? []),
  ];
  const server = await startServer({
    program: postgres,
    directory,
    user,
    args: [`-D${data}`, `-p${port}`, ...settings.flatMap((setting) => ['-c', setting.replace(/ = '?(.*?)'?$/, '=$1')])],
    // Fast shutdown: it does not wait for clients to go.
    stopSignal: 'SIGINT',
    ready: async (said) => said.some((line) => line.includes('ready to accept connections')) && (await accepts(port)),
  });
  const address = `postgres://spin:${encodeURIComponent(secret)}@127.0.0.1:${port}/postgres`;
  return { port, user: 'spin', password: secret, address, stop: () => server.stop() };
}

const findPostgres = (): Promise<Program> =>
  findProgram({
    program: 'postgres',
    // The one of the release that the machine has.
    package: 'postgresql-15',
    variable: 'SPINDLE_TEST_POSTGRES',
    folder: 'usr/lib/postgresql/*/bin',
  });

/** The user may not be let into the folder of the checkout: an unpacked program is copied to where it may go. */
async function reachable(program: Program, directory: string, user: number | undefined): Promise<Program> {
  if (user === undefined || program.root === undefined) {
    return program;
  }
  const root = join(directory, 'program');
  await cp(program.root, root, { recursive: true, verbatimSymlinks: true });
  const moved = (path: string): string => path.replaceAll(program.root ?? '', root);
  return {
    root,
    path: moved(program.path),
    env: Object.fromEntries(Object.entries(program.env).map(([name, value]) => [name, moved(value)])),
  };
}

async function tlsSettings({ tls }: PostgresConfig, directory: string, user: number | undefined): Promise<string[]> {
  if (tls === undefined) {
    return [];
  }
  const certificate = join(directory, 'certificate.pem');
  const key = join(directory, 'key.pem');
  await writeFile(certificate, tls.certificate);
  await writeFile(key, tls.key);
  await own([certificate, key], user);
  // It refuses a key that others may read.
  await chmod(key, 0o600);
  return ['ssl = on', `ssl_cert_file = '${certificate}'`, `ssl_key_file = '${key}'`];
}

async function own(paths: readonly string[], user: number | undefined): Promise<void> {
  if (user === undefined) {
    return;
  }
  for (const path of paths) {
    await chown(path, user, user);
  }
}

if (import.meta.main) {
  const server = await startPostgres();
  process.stdout.write(`${server.address}\n`);
  await once(process, 'SIGINT');
  await server.stop();
}
