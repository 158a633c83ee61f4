// Debian's docker-registry on a free port of the loopback, with storage of its own that goes when it stops. Where the
// package is not installed it is downloaded and unpacked into node_modules/.cache, so no daemon of Debian's starts.
// By hand: `node hack/services/docker-registry.ts` prints the address and runs until Ctrl-C.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/services');
const START_DEADLINE_MS = 30_000; // It starts in 50 ms; a busy machine gets time.

export interface RegistryConfig {
  /** Lines of an htpasswd file; passwords hashed with bcrypt. */
  readonly htpasswd?: string;
  /** Sends clients to a token service for bearer tokens that this certificate has signed. */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certificate: string;
  };
}

export interface RunningRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  stop(): Promise<void>;
}

export async function startDockerRegistry(config: RegistryConfig = {}): Promise<RunningRegistry> {
  const program = await findProgram();
  const directory = await mkdtemp(join(tmpdir(), 'docker-registry-'));
  const configFile = join(directory, 'config.yml');
  await writeFile(configFile, await configText(config, directory));
  const child = spawn(program, ['serve', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
  // A test process that ends without stopping its registry must not leave it behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return { host: await listeningAddress(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** JSON is YAML. Port 0: the system chooses, and the log says which. */
async function configText({ htpasswd, token }: RegistryConfig, directory: string): Promise<string> {
  const auth: Record<string, unknown> = {};
  if (htpasswd !== undefined) {
    auth['htpasswd'] = { realm: 'test', path: join(directory, 'htpasswd') };
    await writeFile(join(directory, 'htpasswd'), htpasswd);
  }
  if (token !== undefined) {
    const { certificate, ...service } = token;
    auth['token'] = { ...service, rootcertbundle: join(directory, 'certificate.pem') };
    await writeFile(join(directory, 'certificate.pem'), certificate);
  }
  return JSON.stringify({
    version: 0.1,
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(directory, 'storage') },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: '127.0.0.1:0', secret: 'of no other registry' },
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
  });
}

async function listeningAddress(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stderr ?? process.stdin });
  const said: string[] = [];
  const address = new Promise<string>((resolve, reject) => {
    // Goes on reading after the address: a full pipe would stop the registry.
    lines.on('line', (line) => {
      said.push(line);
      const found = /listening on ([0-9.]+:\d+)/.exec(line)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    lines.on('close', () => reject(new Error(`docker-registry did not start:\n${said.join('\n')}`)));
    child.on('error', reject);
    setTimeout(
      () => reject(new Error(`docker-registry did not listen in time:\n${said.join('\n')}`)),
      START_DEADLINE_MS,
    ).unref();
  });
  return await address;
}

async function findProgram(): Promise<string> {
  const unpacked = join(CACHE, 'docker-registry/usr/bin/docker-registry');
  for (const candidate of ['/usr/bin/docker-registry', unpacked]) {
    if (await exists(candidate)) {
      return candidate;
    }
  }
  await unpackPackage('docker-registry', join(CACHE, 'docker-registry'));
  return unpacked;
}

/** Downloads a Debian package and unpacks it, without running its scripts; the folder appears whole or not at all. */
async function unpackPackage(name: string, target: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, `${name}-`));
  try {
    await run('apt-get', ['download', name], { cwd: work }).catch(async () => {
      // expected: a fresh machine has no lists of packages yet.
      await run('apt-get', ['update']);
      await run('apt-get', ['download', name], { cwd: work });
    });
    const [archive = ''] = (await readdir(work)).filter((file) => file.endsWith('.deb'));
    await run('dpkg', ['-x', join(work, archive), join(work, 'root')]);
    await rename(join(work, 'root'), target);
  } catch (cause) {
    throw new Error(`cannot install ${name}: run "apt-get update && apt-get install ${name}" as root`, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // expected: the next place is tried.
    return false;
  }
}

if (import.meta.main) {
  const registry = await startDockerRegistry();
  process.stdout.write(`${registry.host}\n`);
  await once(process, 'SIGINT');
  await registry.stop();
}
