// For tests: both controllers at work on an API server in memory, with time and events in the test's hand.
import { CUSTOM_RESOURCE_DEFINITIONS, type SpinApp, type SpinAppExecutor, type SpinAppSpec } from '@spindle/api';
import {
  createClient,
  createTransport,
  resource,
  type Clock,
  type KubeClient,
  type KubeObject,
  type Occurrence,
  type WorkResult,
} from '@spindle/kube';
import { startFakeApiServer, type FakeApiServer } from '@spindle/kube/testing';
import { createWatches, startReconciling, type Stores } from '../index.ts';
import { DEPLOYMENTS, type Deployment } from '../resources.ts';

const DEFINITIONS = resource<KubeObject>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
});
const NAMESPACES = resource<KubeObject>({
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
});

export const NAMESPACE = 'demo';

export interface Running {
  readonly server: FakeApiServer;
  /** Another one than the operator's. */
  readonly client: KubeClient;
  readonly stores: Stores;
  readonly events: readonly Occurrence[];
  /** How reconciles ended, by controller. */
  readonly results: Readonly<Record<string, readonly WorkResult[]>>;
  stop(): Promise<void>;
}

export async function startRunning(clock: Clock): Promise<Running> {
  const server = await startFakeApiServer();
  const transport = createTransport(server.access, { userAgent: 'operator' });
  const own = createTransport(server.access, { userAgent: 'test' });
  const client = createClient(own, { fieldManager: 'test' });
  for (const definition of Object.values(CUSTOM_RESOURCE_DEFINITIONS)) {
    await client.create(DEFINITIONS, definition as KubeObject);
  }
  await client.create<KubeObject>(NAMESPACES, { metadata: { name: NAMESPACE } });
  const operator = createClient(transport, { fieldManager: 'spin-operator' });
  const watches = createWatches({
    client: operator,
    room: () => undefined,
    observer: () => ({}),
    onHandlerError: (error) => {
      throw error;
    },
  });
  watches.start();
  await watches.whenSynced();
  const events: Occurrence[] = [];
  const results: Record<string, WorkResult[]> = {};
  const reconciling = startReconciling({
    client: operator,
    stores: watches.stores,
    events: { note: (occurrence) => void events.push(occurrence) },
    sharedExecutors: new Map(),
    runtimeImage: 'runtime:v1',
    workers: 2,
    clock,
    observer: (controller) => ({ ended: ({ result }) => void (results[controller] ??= []).push(result) }),
    onWritten: () => {},
  });
  return {
    server,
    client,
    stores: watches.stores,
    events,
    results,
    async stop() {
      watches.stop();
      await reconciling.stop();
      await transport.close();
      await own.close();
      await server.stop();
    },
  };
}

export const app = (name: string, spec: Partial<SpinAppSpec> = {}): SpinApp => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { namespace: NAMESPACE, name },
  spec: { executor: 'shim', image: 'ghcr.io/example/hello:v1', replicas: 1, ...spec },
});

export const executor = (name = 'shim'): SpinAppExecutor => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinAppExecutor',
  metadata: { namespace: NAMESPACE, name },
  spec: { createDeployment: true, deploymentConfig: { runtimeClassName: 'wasmtime-spin-v2' } },
});

/** What Kubernetes says of a Deployment whose `ready` pods of `replicas` run. */
export async function rollOut(
  client: KubeClient,
  name: string,
  { ready, replicas }: { readonly ready: number; readonly replicas: number } = { ready: 1, replicas: 1 },
): Promise<Deployment> {
  const live = await client.get<Deployment>(DEPLOYMENTS, { namespace: NAMESPACE, name });
  return client.patchStatus(
    DEPLOYMENTS,
    { namespace: NAMESPACE, name },
    {
      observedGeneration: live.metadata.generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: ready,
    },
  );
}
