// etcd and kube-apiserver on free ports of the loopback: a real API server in seconds, without controllers and nodes.
// By hand: `node hack/cluster/control-plane.ts` prints the path of a kubeconfig and runs until Ctrl-C.
import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { freePort, serverDirectory, startServer, type ServerProcess } from '../services/server-process.ts';
import { findClusterProgram } from './binaries.ts';

/** Somebody whom the API server knows by a token; what it may do, RBAC objects say. */
export interface TokenUser {
  readonly name: string;
  readonly token: string;
  /** `system:masters` may do everything. */
  readonly groups: readonly string[];
}

export interface ControlPlaneOptions {
  readonly users?: readonly TokenUser[];
  /** Further flags of kube-apiserver. */
  readonly apiServerFlags?: readonly string[];
}

export interface ControlPlane {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** Path of a kubeconfig of one who may do everything. */
  readonly kubeconfig: string;
  readonly adminToken: string;
  /** Path of a kubeconfig for one of `users`, or for another server that stands before this one. */
  kubeconfigFor(
    token: string,
    server?: { readonly url: string; readonly certificateAuthority: string },
  ): Promise<string>;
  /** Ends kube-apiserver as a crash does and starts it again on the same port with the same data. */
  restartApiServer(): Promise<void>;
  stop(): Promise<void>;
}

const ADMIN: TokenUser = { name: 'admin', token: 'token-of-the-admin', groups: ['system:masters'] };

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcd = await startEtcd(etcdPort, peerPort);
  const directory = await serverDirectory('control-plane');
  const start = (): Promise<ServerProcess> => startApiServer(directory, port, etcdPort, options.apiServerFlags ?? []);
  try {
    await writeKeys(directory, [ADMIN, ...(options.users ?? [])]);
    let apiServer = await start();
    const url = `https://127.0.0.1:${port}`;
    const certificateAuthority = await readFile(join(directory, 'certificates/apiserver.crt'), 'utf8');
    const kubeconfigFor: ControlPlane['kubeconfigFor'] = async (token, server = { url, certificateAuthority }) => {
      const path = join(directory, `kubeconfig-${crypto.randomUUID()}`);
      await writeFile(path, kubeconfig(server, token), { mode: 0o600 });
      return path;
    };
    return {
      url,
      certificateAuthority,
      adminToken: ADMIN.token,
      kubeconfig: await kubeconfigFor(ADMIN.token),
      kubeconfigFor,
      async restartApiServer() {
        await apiServer.kill();
        apiServer = await start();
      },
      async stop() {
        await apiServer.kill();
        await etcd.kill();
        await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await etcd.kill();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function startEtcd(port: number, peerPort: number): Promise<ServerProcess> {
  const directory = await serverDirectory('etcd');
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return startServer({
    program: { path: await findClusterProgram('etcd'), env: {}, root: undefined },
    directory,
    args: [
      `--data-dir=${join(directory, 'data')}`,
      // What tests store may be lost in a crash of the machine.
      '--unsafe-no-fsync',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--log-level=warn',
    ],
    ready: () => answersOk(() => fetch(`${client}/health`)),
  });
}

/** Its directory of work goes with it; keys and certificates stay for the next start. */
async function startApiServer(
  keys: string,
  port: number,
  etcdPort: number,
  flags: readonly string[],
): Promise<ServerProcess> {
  return startServer({
    program: { path: await findClusterProgram('kube-apiserver'), env: {}, root: undefined },
    directory: await serverDirectory('kube-apiserver'),
    args: [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      // It makes its own certificate there, which is its own authority.
      `--cert-dir=${join(keys, 'certificates')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${join(keys, 'service-account.key')}`,
      `--service-account-key-file=${join(keys, 'service-account.key')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=RBAC',
      `--token-auth-file=${join(keys, 'tokens.csv')}`,
      // Nobody makes service accounts here: that is the controller manager's work.
      '--disable-admission-plugins=ServiceAccount',
      // Tests ask as fast as they can.
      '--enable-priority-and-fairness=false',
      ...flags,
    ],
    ready: () => answersOk(() => ready(port)),
  });
}

async function writeKeys(directory: string, users: readonly TokenUser[]): Promise<void> {
  await mkdir(join(directory, 'certificates'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(directory, 'service-account.key'), privateKey.export({ type: 'sec1', format: 'pem' }));
  const lines = users.map(({ name, token, groups }) => `${token},${name},${name},"${groups.join(',')}"\n`);
  await writeFile(join(directory, 'tokens.csv'), lines.join(''), { mode: 0o600 });
}

/** JSON is YAML. */
const kubeconfig = (server: { readonly url: string; readonly certificateAuthority: string }, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: {
          server: server.url,
          'certificate-authority-data': Buffer.from(server.certificateAuthority).toString('base64'),
        },
      },
    ],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });

async function answersOk(ask: () => Promise<{ readonly ok: boolean }>): Promise<boolean> {
  try {
    return (await ask()).ok;
  } catch {
    // expected: it does not listen yet.
    return false;
  }
}

/** Before its certificate can be known there is nothing to check it by. */
function ready(port: number): Promise<{ readonly ok: boolean }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: '/readyz',
        headers: { authorization: `Bearer ${ADMIN.token}` },
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        response.resume();
        resolve({ ok: response.statusCode === 200 });
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}

if (import.meta.main) {
  const controlPlane = await startControlPlane();
  process.stdout.write(`${controlPlane.kubeconfig}\n`);
  await once(process, 'SIGINT');
  await controlPlane.stop();
}
