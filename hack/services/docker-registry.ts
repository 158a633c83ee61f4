// Debian's docker-registry on a free port of the loopback, with storage of its own that goes when it stops.
// By hand: `node hack/services/docker-registry.ts` prints the address and runs until Ctrl-C.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './debian-package.ts';
import { serverDirectory, startServer } from './server-process.ts';

export interface RegistryConfig {
  /** Of this machine; 127.0.0.1 without it. */
  readonly address?: string;
  readonly neverOutlives?: boolean;
  /** PEM; plain HTTP without it. */
  readonly tls?: { readonly key: string; readonly cert: string };
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
  /** `<address>:<port>` */
  readonly host: string;
  stop(): Promise<void>;
}

export async function startDockerRegistry(config: RegistryConfig = {}): Promise<RunningRegistry> {
  const program = await findProgram({
    program: 'docker-registry',
    package: 'docker-registry',
    variable: 'SPINDLE_TEST_DOCKER_REGISTRY',
    folder: 'usr/bin',
  });
  const directory = await serverDirectory('docker-registry');
  const configFile = join(directory, 'config.yml');
  await writeFile(configFile, await configText(config, directory));
  let host = '';
  const server = await startServer({
    program,
    directory,
    args: ['serve', configFile],
    neverOutlives: config.neverOutlives ?? false,
    ready(said) {
      host =
        said.map((line) => /listening on ([0-9.]+:\d+)/.exec(line)?.[1]).find((found) => found !== undefined) ?? '';
      return host !== '';
    },
  });
  return { host, stop: () => server.stop() };
}

/** JSON is YAML. Port 0: the system chooses, and the log says which. */
async function configText(config: RegistryConfig, directory: string): Promise<string> {
  const { address = '127.0.0.1', tls, htpasswd, token } = config;
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
    http: { addr: `${address}:0`, secret: 'of no other registry', ...(await tlsFiles(tls, directory)) },
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
  });
}

async function tlsFiles(tls: RegistryConfig['tls'], directory: string): Promise<object> {
  if (tls === undefined) {
    return {};
  }
  const [key, certificate] = [join(directory, 'tls.key'), join(directory, 'tls.crt')];
  await writeFile(key, tls.key, { mode: 0o600 });
  await writeFile(certificate, tls.cert);
  return { tls: { key, certificate } };
}

if (import.meta.main) {
  const registry = await startDockerRegistry();
  process.stdout.write(`${registry.host}\n`);
  await once(process, 'SIGINT');
  await registry.stop();
}
