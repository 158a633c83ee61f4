// Redis on a free port of the loopback, without a file on disk; it goes when it stops.
// By hand: `node hack/services/redis.ts` prints the address and runs until Ctrl-C.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './debian-package.ts';
import { accepts, freePort, serverDirectory, startServer } from './server-process.ts';

export interface RedisConfig {
  readonly password?: string;
  /** PEM of the server's certificate and key: it then takes only TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly port?: number;
}

export interface RunningRedis {
  readonly port: number;
  /** `redis://127.0.0.1:port`, with the password and as `rediss` where there is one. */
  readonly address: string;
  stop(): Promise<void>;
}

export async function startRedis({ password, tls, port: wanted }: RedisConfig = {}): Promise<RunningRedis> {
  const program = await findProgram({
    program: 'redis-server',
    package: 'redis-server',
    variable: 'SPINDLE_TEST_REDIS',
    folder: 'usr/bin',
  });
  const directory = await serverDirectory('redis');
  const port = wanted ?? (await freePort());
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory];
  if (tls === undefined) {
    settings.push('--port', String(port));
  } else {
    const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
    await writeFile(certificate, tls.certificate);
    await writeFile(key, tls.key);
    settings.push('--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no');
    settings.push('--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate);
  }
  if (password !== undefined) {
    settings.push('--requirepass', password);
  }
  const server = await startServer({ program, directory, args: settings, ready: () => accepts(port) });
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return {
    port,
    address: `${tls === undefined ? 'redis' : 'rediss'}://${credentials}127.0.0.1:${port}`,
    stop: () => server.stop(),
  };
}

if (import.meta.main) {
  const redis = await startRedis();
  process.stdout.write(`${redis.address}\n`);
  await once(process, 'SIGINT');
  await redis.stop();
}
