// The resources that the operator watches and writes, with as much of their types as it reads.
import { API_GROUP, type ConfigMap, type Secret, type SpinApp, type SpinAppExecutor } from '@spindle/api';
import { resource, type KubeObject } from '@spindle/kube';
import type { PodSeen } from '../plan/index.ts';

const core = { group: '', version: 'v1', namespaced: true };
const spinkube = { group: API_GROUP, version: 'v1alpha1', namespaced: true };

export const SPIN_APPS = resource<SpinApp>({ ...spinkube, plural: 'spinapps', kind: 'SpinApp' });
export const EXECUTORS = resource<SpinAppExecutor>({
  ...spinkube,
  plural: 'spinappexecutors',
  kind: 'SpinAppExecutor',
});
export const DEPLOYMENTS = resource<Deployment>({
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
});
export const REPLICA_SETS = resource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
});
export const PODS = resource<Pod>({ ...core, plural: 'pods', kind: 'Pod' });
export const EVENTS = resource<EventSeen>({
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
});
export const SERVICES = resource<KubeObject>({ ...core, plural: 'services', kind: 'Service' });
export const SECRETS = resource<Secret>({ ...core, plural: 'secrets', kind: 'Secret' });
export const CONFIG_MAPS = resource<ConfigMap>({ ...core, plural: 'configmaps', kind: 'ConfigMap' });

export interface Deployment extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly DeploymentCondition[];
  };
}

interface DeploymentCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

export interface ReplicaSet extends KubeObject {
  readonly spec?: {
    readonly template?: {
      readonly spec?: { readonly volumes?: readonly { readonly secret?: { readonly secretName?: string } }[] };
    };
  };
}

export type Pod = KubeObject & PodSeen;

/** Of an Event, as much as is read. */
export interface EventSeen extends KubeObject {
  readonly reason?: string;
  readonly note?: string;
  readonly regarding?: { readonly name?: string };
  readonly eventTime?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly series?: { readonly lastObservedTime?: string };
}
