// Flags, keys and kubeconfigs of etcd and kube-apiserver, for a control plane alone and for a whole cluster.
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';

/** Somebody whom the API server knows by a token; what it may do, RBAC objects say. */
export interface TokenUser {
  readonly name: string;
  readonly token: string;
  /** `system:masters` may do everything. */
  readonly groups: readonly string[];
}

export const ADMIN: TokenUser = { name: 'admin', token: 'token-of-the-admin', groups: ['system:masters'] };

export interface ApiServer {
  /** `https://<address>:<port>` */
  readonly url: string;
  /** PEM. */
  readonly certificateAuthority: string;
}

export function etcdFlags(directory: string, address: string, port: number, peerPort: number): string[] {
  const client = `http://${address}:${port}`;
  const peer = `http://${address}:${peerPort}`;
  return [
    `--data-dir=${join(directory, 'data')}`,
    // What tests store may be lost in a crash of the machine.
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--log-level=warn',
  ];
}

export interface ApiServerPlace {
  /** Folder made by `writeKeys`. */
  readonly keys: string;
  readonly etcdUrl: string;
  readonly address: string;
  readonly port: number;
  readonly serviceRange: string;
}

export const apiServerFlags = ({ keys, etcdUrl, address, port, serviceRange }: ApiServerPlace): string[] => [
  `--etcd-servers=${etcdUrl}`,
  `--bind-address=${address}`,
  `--advertise-address=${address}`,
  `--secure-port=${port}`,
  // It makes its own certificate there, which is its own authority.
  `--cert-dir=${join(keys, 'certificates')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-signing-key-file=${serviceAccountKey(keys)}`,
  `--service-account-key-file=${serviceAccountKey(keys)}`,
  `--service-cluster-ip-range=${serviceRange}`,
  '--authorization-mode=RBAC',
  `--token-auth-file=${join(keys, 'tokens.csv')}`,
  // Tests ask as fast as they can.
  '--enable-priority-and-fairness=false',
];

export const certificateFile = (keys: string): string => join(keys, 'certificates/apiserver.crt');

export const serviceAccountKey = (keys: string): string => join(keys, 'service-account.key');

export async function writeKeys(directory: string, users: readonly TokenUser[]): Promise<void> {
  await mkdir(join(directory, 'certificates'), { recursive: true });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(serviceAccountKey(directory), privateKey.export({ type: 'sec1', format: 'pem' }));
  const lines = users.map(({ name, token, groups }) => `${token},${name},${name},"${groups.join(',')}"\n`);
  await writeFile(join(directory, 'tokens.csv'), lines.join(''), { mode: 0o600 });
}

/** JSON is YAML. */
export const kubeconfigText = ({ url, certificateAuthority }: ApiServer, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: {
          server: url,
          'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64'),
        },
      },
    ],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });

export const isEtcdReady = (url: string): Promise<boolean> => answersOk(() => fetch(`${url}/health`));

/** Before its certificate can be known there is nothing to check it by. */
export const isApiServerReady = (address: string, port: number): Promise<boolean> =>
  answersOk(
    () =>
      new Promise((resolve, reject) => {
        const asked = request(
          {
            host: address,
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
      }),
  );

async function answersOk(ask: () => Promise<{ readonly ok: boolean }>): Promise<boolean> {
  try {
    return (await ask()).ok;
  } catch {
    // expected: it does not listen yet.
    return false;
  }
}
