// The same cluster on kind, for machines with Docker and without the rights that cluster.ts needs: `up.ts --kind`. Written by
// kind's documentation (https://kind.sigs.k8s.io/docs/user) and not tried where this repository is made, which has no Docker
// daemon: expect to mend it at its first use.
import { mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { selfSigned } from '../../test/certificates/self-signed.ts';
import { startDockerRegistry } from '../services/docker-registry.ts';
import { kubeconfigText, writeKeys, type ApiServer } from './api-server.ts';
import type { ClusterOptions, RegistryPlace } from './cluster.ts';
import { run } from './commands.ts';
import { applyObjects, kubectl } from './kubectl.ts';
import { registryTrust } from './node-config.ts';
import { archiveLayout } from './oci-archive.ts';
import { VERSIONS } from './versions.ts';

/** What a cluster on kind has in common with cluster.ts's; other processes cannot take it up. */
export interface KindCluster {
  readonly kubeconfig: string;
  readonly registry: RegistryPlace;
  readonly nodeName: string;
  kubectl(...args: readonly string[]): Promise<string>;
  apply(...objects: readonly object[]): Promise<string>;
  loadImage(archiveOrLayout: string): Promise<void>;
  kubeconfigFor(token: string): Promise<string>;
  restartContainerd(): Promise<void>;
  stop(): Promise<void>;
}

const kind = (...args: readonly string[]): Promise<string> => run('kind', args);

/** Where the node has the folders of this machine. */
const KEYS = '/etc/spindle';
const REGISTRIES = '/etc/containerd/certs.d';

export async function startKindCluster({ users = [], images = [] }: ClusterOptions = {}): Promise<KindCluster> {
  for (const program of ['kind', 'docker']) {
    await run(program, ['version']).catch((cause: unknown) => {
      throw new Error(`--kind needs ${program} and a Docker daemon that answers: "${program} version" fails`, {
        cause,
      });
    });
  }
  const directory = await mkdtemp(join(tmpdir(), 'spindle-kind-'));
  const name = directory.slice(directory.lastIndexOf('/') + 1).toLowerCase();
  const kubeconfig = join(directory, 'kubeconfig');
  const undo: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) {
      await step();
    }
  };
  try {
    await writeKeys(join(directory, 'keys'), users);
    await mkdir(join(directory, 'registries'));
    const configFile = join(directory, 'kind.json');
    await writeFile(configFile, clusterConfig(directory));
    await kind(
      'create',
      'cluster',
      '--name',
      name,
      '--kubeconfig',
      kubeconfig,
      '--config',
      configFile,
      '--wait',
      '120s',
    );
    undo.push(() => kind('delete', 'cluster', '--name', name));
    const address = (await run('docker', ['network', 'inspect', 'kind', '-f', GATEWAYS]))
      .split(' ')
      .find((one) => /^[\d.]+$/.test(one.trim()))
      ?.trim();
    if (address === undefined) {
      throw new Error('the Docker network "kind" has no IPv4 gateway, so that nodes cannot reach a registry');
    }
    const tls = selfSigned({ addresses: [address] });
    const running = await startDockerRegistry({ address, tls, neverOutlives: true });
    undo.push(() => running.stop());
    const registry = { host: running.host, certificate: join(directory, 'registry.crt') };
    await writeFile(registry.certificate, tls.cert);
    const certificate = join(REGISTRIES, registry.host, 'ca.crt');
    const [path, text] = registryTrust(directory, registry.host, certificate);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    await writeFile(join(dirname(path), 'ca.crt'), tls.cert);
    const nodeName = `${name}-control-plane`;
    const loadImage = async (archiveOrLayout: string): Promise<void> => {
      const isLayout = (await stat(archiveOrLayout)).isDirectory();
      const archive = isLayout ? join(directory, 'image.tar') : archiveOrLayout;
      if (isLayout) {
        await archiveLayout(archiveOrLayout, archive);
      }
      await kind('load', 'image-archive', archive, '--name', name);
    };
    for (const image of images) {
      await loadImage(image);
    }
    return {
      kubeconfig,
      registry,
      nodeName,
      kubectl: (...args) => kubectl(kubeconfig, args),
      apply: (...objects) => applyObjects(kubeconfig, objects),
      loadImage,
      async kubeconfigFor(token) {
        const file = join(directory, `kubeconfig-${crypto.randomUUID()}`);
        await writeFile(file, kubeconfigText(await apiServerOf(kubeconfig), token), { mode: 0o600 });
        return file;
      },
      restartContainerd: async () =>
        void (await run('docker', ['exec', nodeName, 'systemctl', 'restart', 'containerd'])),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const GATEWAYS = '{{range .IPAM.Config}}{{.Gateway}} {{end}}';

/** JSON is YAML. The API server knows users by token, as in cluster.ts. */
const clusterConfig = (directory: string): string =>
  JSON.stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    containerdConfigPatches: [`[plugins."io.containerd.cri.v1.images".registry]\n  config_path = "${REGISTRIES}"`],
    nodes: [
      {
        role: 'control-plane',
        image: `kindest/node:v${VERSIONS.kubernetes}`,
        extraMounts: [
          { hostPath: join(directory, 'registries'), containerPath: REGISTRIES },
          { hostPath: join(directory, 'keys'), containerPath: KEYS, readOnly: true },
        ],
        kubeadmConfigPatches: [
          JSON.stringify({
            kind: 'ClusterConfiguration',
            apiServer: {
              extraArgs: { 'token-auth-file': `${KEYS}/tokens.csv` },
              extraVolumes: [
                { name: 'spindle', hostPath: KEYS, mountPath: KEYS, readOnly: true, pathType: 'Directory' },
              ],
            },
          }),
        ],
      },
    ],
  });

async function apiServerOf(kubeconfig: string): Promise<ApiServer> {
  const view = await kubectl(kubeconfig, ['config', 'view', '--raw', '-o', 'json']);
  const { clusters } = JSON.parse(view) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  };
  const cluster = clusters[0]?.cluster;
  if (cluster === undefined) {
    throw new Error(`kind wrote no cluster into its kubeconfig: ${await readFile(kubeconfig, 'utf8')}`);
  }
  const certificateAuthority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
  return { url: cluster.server, certificateAuthority };
}
