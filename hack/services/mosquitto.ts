// Mosquitto, an MQTT broker, on a free port of the loopback; it keeps nothing on disk.
// By hand: `node hack/services/mosquitto.ts` prints the address and runs until Ctrl-C.
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { findProgram } from './debian-package.ts';
import { accepts, freePort, serverDirectory, startServer } from './server-process.ts';

export interface MosquittoConfig {
  /** Nobody else is let in. */
  readonly user?: { readonly name: string; readonly password: string };
  /** PEM of the broker's certificate and key: it then takes only TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly port?: number;
}

export interface RunningMosquitto {
  readonly port: number;
  /** `mqtt://127.0.0.1:port`, or `mqtts`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** As mosquitto_passwd writes it. */
const HASH_ROUNDS = 101;

export async function startMosquitto({ user, tls, port: wanted }: MosquittoConfig = {}): Promise<RunningMosquitto> {
  const program = await findProgram({
    program: 'mosquitto',
    package: 'mosquitto',
    variable: 'SPINDLE_TEST_MOSQUITTO',
    folder: 'usr/sbin',
  });
  const directory = await serverDirectory('mosquitto');
  // It gives up being root, and must then still read its files.
  await chmod(directory, 0o755);
  const port = wanted ?? (await freePort());
  const lines = [`listener ${port} 127.0.0.1`, `allow_anonymous ${user === undefined}`, 'persistence false'];
  if (user !== undefined) {
    const file = join(directory, 'passwords');
    await writeFile(file, `${user.name}:${hashed(user.password)}\n`);
    lines.push(`password_file ${file}`);
  }
  if (tls !== undefined) {
    const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
    await writeFile(certificate, tls.certificate);
    await writeFile(key, tls.key);
    lines.push(`certfile ${certificate}`, `keyfile ${key}`);
  }
  const config = join(directory, 'mosquitto.conf');
  await writeFile(config, `${lines.join('\n')}\n`);
  const server = await startServer({ program, directory, args: ['-c', config], ready: () => accepts(port) });
  return {
    port,
    address: `${tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    stop: () => server.stop(),
  };
}

/** `$7$rounds$salt$hash` with PBKDF2 over SHA-512. */
function hashed(password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, HASH_ROUNDS, 64, 'sha512');
  return `$7$${HASH_ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

if (import.meta.main) {
  const mosquitto = await startMosquitto();
  process.stdout.write(`${mosquitto.address}\n`);
  await once(process, 'SIGINT');
  await mosquitto.stop();
}
