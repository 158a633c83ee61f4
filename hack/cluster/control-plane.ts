// etcd and kube-apiserver on free ports of the loopback: a real API server in seconds, without controllers and nodes.
// By hand: `node hack/cluster/control-plane.ts` prints the path of a kubeconfig and runs until Ctrl-C.
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, serverDirectory, startServer, type ServerProcess } from '../services/server-process.ts';
import {
  ADMIN,
  apiServerFlags,
  certificateFile,
  etcdFlags,
  isApiServerReady,
  isEtcdReady,
  kubeconfigText,
  writeKeys,
  type ApiServer,
  type TokenUser,
} from './api-server.ts';
import { findClusterProgram } from './binaries.ts';

export type { TokenUser };

export interface ControlPlaneOptions {
  readonly users?: readonly TokenUser[];
  /** Further flags of kube-apiserver. */
  readonly apiServerFlags?: readonly string[];
}

export interface ControlPlane extends ApiServer {
  /** Path of a kubeconfig of one who may do everything. */
  readonly kubeconfig: string;
  readonly adminToken: string;
  /** Path of a kubeconfig for one of `users`, or for another server that stands before this one. */
  kubeconfigFor(token: string, server?: ApiServer): Promise<string>;
  /** Ends kube-apiserver as a crash does and starts it again on the same port with the same data. */
  restartApiServer(): Promise<void>;
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcd = await startEtcd(etcdPort, peerPort);
  const directory = await serverDirectory('control-plane');
  const start = (): Promise<ServerProcess> => startApiServer(directory, port, etcdPort, options.apiServerFlags ?? []);
  try {
    await writeKeys(directory, [ADMIN, ...(options.users ?? [])]);
    let apiServer = await start();
    const url = `https://${LOOPBACK}:${port}`;
    const certificateAuthority = await readFile(certificateFile(directory), 'utf8');
    const kubeconfigFor: ControlPlane['kubeconfigFor'] = async (token, server = { url, certificateAuthority }) => {
      const path = join(directory, `kubeconfig-${crypto.randomUUID()}`);
      await writeFile(path, kubeconfigText(server, token), { mode: 0o600 });
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
  return startServer({
    program: { path: await findClusterProgram('etcd'), env: {}, root: undefined },
    directory,
    args: etcdFlags(directory, LOOPBACK, port, peerPort),
    ready: () => isEtcdReady(`http://${LOOPBACK}:${port}`),
  });
}

/** Its directory of work goes with it; keys and certificates stay for the next start. */
async function startApiServer(
  keys: string,
  port: number,
  etcdPort: number,
  flags: readonly string[],
): Promise<ServerProcess> {
  const etcdUrl = `http://${LOOPBACK}:${etcdPort}`;
  return startServer({
    program: { path: await findClusterProgram('kube-apiserver'), env: {}, root: undefined },
    directory: await serverDirectory('kube-apiserver'),
    args: [
      ...apiServerFlags({ keys, etcdUrl, address: LOOPBACK, port, serviceRange: '10.96.0.0/16' }),
      // Nobody makes service accounts here: that is the controller manager's work.
      '--disable-admission-plugins=ServiceAccount',
      ...flags,
    ],
    ready: () => isApiServerReady(LOOPBACK, port),
  });
}

if (import.meta.main) {
  const controlPlane = await startControlPlane();
  process.stdout.write(`${controlPlane.kubeconfig}\n`);
  await once(process, 'SIGINT');
  await controlPlane.stop();
}
