// The resources that the commands for clusters read and write, with as much of their types as they look at.
import { API_GROUP, type SpinApp, type SpinAppExecutor } from '@spindle/api';
import { resource, type KubeObject } from '@spindle/kube';

const core = { group: '', version: 'v1' };
const apps = { group: 'apps', version: 'v1', namespaced: true };
const spinkube = { group: API_GROUP, version: 'v1alpha1', namespaced: true };

/** As the API server gives it: with the times that the vocabulary has no use for. */
export type LiveApp = SpinApp & KubeObject;

export const SPIN_APPS = resource<LiveApp>({ ...spinkube, plural: 'spinapps', kind: 'SpinApp' });
export const EXECUTORS = resource<SpinAppExecutor>({
  ...spinkube,
  plural: 'spinappexecutors',
  kind: 'SpinAppExecutor',
});
export const DEPLOYMENTS = resource<Deployment>({ ...apps, plural: 'deployments', kind: 'Deployment' });
export const REPLICA_SETS = resource<ReplicaSet>({ ...apps, plural: 'replicasets', kind: 'ReplicaSet' });
export const PODS = resource<Pod>({ ...core, plural: 'pods', kind: 'Pod', namespaced: true });
export const EVENTS = resource<Event>({ ...core, plural: 'events', kind: 'Event', namespaced: true });
export const NAMESPACES = resource({ ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false });

export interface Deployment extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly StatusCondition[];
  };
}

export interface StatusCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface ReplicaSet extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
}

export interface PodTemplate {
  readonly spec?: { readonly containers?: readonly Container[] };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
}

export interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string; readonly containers?: readonly Container[] };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly conditions?: readonly StatusCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: { readonly exitCode?: number; readonly reason?: string; readonly message?: string };
}

export interface Event extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
}
