// Objects for tests, and what tests ask of them again and again.
import type { ConfigMap, Secret, SpinApp, SpinAppExecutor, SpinAppSpec } from '@spindle/api';
import type { KubeClient, KubeObject, OwnerReference } from '@spindle/kube';
import { DEPLOYMENTS, SPIN_APPS, type Deployment } from '../../../../operator/src/reconcile/resources.ts';
import { eventually } from './cluster.ts';

export const EXECUTOR = 'containerd-shim-spin';

export const spinApp = (namespace: string, name: string, spec: Partial<SpinAppSpec> = {}): SpinApp => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { namespace, name },
  spec: {
    executor: EXECUTOR,
    image: 'ghcr.io/example/hello:v1',
    ...(spec.enableAutoscaling === true ? {} : { replicas: 1 }),
    ...spec,
  },
});

export const executor = (
  namespace: string,
  name = EXECUTOR,
  spec: SpinAppExecutor['spec'] = {
    createDeployment: true,
    deploymentConfig: { runtimeClassName: 'wasmtime-spin-v2' },
  },
): SpinAppExecutor => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinAppExecutor',
  metadata: { namespace, name },
  spec,
});

export const secret = (namespace: string, name: string, values: Readonly<Record<string, string>>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name },
  data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});

export const configMap = (namespace: string, name: string, data: Readonly<Record<string, string>>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  data,
});

/** As much of a live Deployment as tests look at. */
export interface LiveDeployment extends Deployment {
  readonly metadata: Deployment['metadata'] & { readonly ownerReferences?: readonly OwnerReference[] };
  readonly spec: NonNullable<Deployment['spec']> & {
    readonly template: KubeObject & {
      readonly spec: {
        readonly runtimeClassName?: string;
        readonly containers: readonly { readonly name: string; readonly image: string }[];
        readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
      };
    };
  };
}

export const deploymentOf = (client: KubeClient, { metadata: { namespace, name } }: SpinApp): Promise<LiveDeployment> =>
  eventually(`there is a Deployment ${name}`, async () => {
    const live = await client.find(DEPLOYMENTS, { ...(namespace === undefined ? {} : { namespace }), name });
    return live as LiveDeployment | undefined;
  });

/** The app once it is as wanted. */
export const whenApp = (
  client: KubeClient,
  { metadata: { namespace = '', name } }: SpinApp,
  what: string,
  is: (app: SpinApp) => boolean,
): Promise<SpinApp> =>
  eventually(`${name} ${what}`, async () => {
    const app = await client.get(SPIN_APPS, { namespace, name });
    return is(app) ? app : undefined;
  });

/** What Kubernetes would say of a Deployment of whose pods so many are ready: all when it is not given. */
export async function rollOut(client: KubeClient, app: SpinApp, ready?: number): Promise<void> {
  const { metadata, spec } = await deploymentOf(client, app);
  const replicas = spec.replicas ?? 1;
  const { namespace = '', name } = app.metadata;
  await client.patchStatus(
    DEPLOYMENTS,
    { namespace, name },
    {
      observedGeneration: metadata.generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: ready ?? replicas,
      availableReplicas: ready ?? replicas,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: 'done' },
      ],
    },
  );
}

/** The app once it is ready, or not, for this reason. */
export const whenReason = (client: KubeClient, app: SpinApp, reason: string): Promise<SpinApp> =>
  whenApp(client, app, `is ${reason}`, (live) => conditionOf(live, 'Ready').reason === reason);

export const conditionOf = (app: SpinApp, type: string): { readonly status?: string; readonly reason?: string } =>
  app.status?.conditions?.find((condition) => condition.type === type) ?? {};

/** The operator has done what the spec of now asks for. */
export const isActedOn = ({ metadata, status }: SpinApp): boolean => status?.observedGeneration === metadata.generation;
