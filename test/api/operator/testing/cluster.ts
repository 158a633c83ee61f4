// A real API server with our resources installed, and a client that may do everything.
import { setTimeout as sleep } from 'node:timers/promises';
import { CUSTOM_RESOURCE_DEFINITIONS } from '@spindle/api';
import {
  createClient,
  createTransport,
  loadClusterAccess,
  resource,
  type KubeClient,
  type KubeObject,
  type Transport,
} from '@spindle/kube';
import { startControlPlane, type ControlPlane } from '../../../../hack/cluster/control-plane.ts';
import { installRoles, NAMESPACED, NOBODY, OPERATOR, SCRAPER } from './rbac.ts';

interface Definition extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const DEFINITIONS = resource<Definition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
});
const NAMESPACES = resource({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false });

export interface TestCluster {
  readonly controlPlane: ControlPlane;
  readonly client: KubeClient;
  /** Kubeconfig of one who may do what the operator must. */
  readonly operator: string;
  /** With a name that nothing had before. */
  newNamespace(): Promise<string>;
  stop(): Promise<void>;
}

export async function startTestCluster(apiServerFlags: readonly string[] = []): Promise<TestCluster> {
  const controlPlane = await startControlPlane({ users: [OPERATOR, NAMESPACED, SCRAPER, NOBODY], apiServerFlags });
  const transport = await transportFor(controlPlane.kubeconfig);
  const client = createClient(transport, { fieldManager: 'test' });
  for (const definition of Object.values(CUSTOM_RESOURCE_DEFINITIONS)) {
    await client.apply(DEFINITIONS, definition as Definition & { metadata: { name: string } });
  }
  for (const { metadata } of Object.values(CUSTOM_RESOURCE_DEFINITIONS) as Definition[]) {
    await until(`the definition ${metadata.name} is established`, async () => {
      const { status } = await client.get(DEFINITIONS, { name: metadata.name ?? '' });
      return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') === true;
    });
  }
  await installRoles(client);
  const operator = await controlPlane.kubeconfigFor(OPERATOR.token);
  let namespaces = 0;
  return {
    controlPlane,
    client,
    operator,
    async newNamespace() {
      namespaces += 1;
      const name = `ns-${namespaces}`;
      await client.create(NAMESPACES, { metadata: { name } });
      return name;
    },
    async stop() {
      await transport.close();
      await controlPlane.stop();
    },
  };
}

export async function transportFor(kubeconfig: string): Promise<Transport> {
  return createTransport(await loadClusterAccess({ env: {}, kubeconfig }), { userAgent: 'test' });
}

/** A busy machine gets time; nothing that works comes near it. */
const DEADLINE_MS = 30_000;
const PAUSE_MS = 25;

/** Asks again and again until it holds. */
export async function until(what: string, holds: () => Promise<boolean>, deadlineMs = DEADLINE_MS): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`not in time: ${what}`);
    }
    await sleep(PAUSE_MS);
  }
}

/** The first answer that is not undefined. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  let found: T | undefined;
  await until(what, async () => {
    found = await look();
    return found !== undefined;
  });
  return found as T;
}
