// Everything that a plan depends on, gathered before: the app, what it refers to, and what exists.
import type { SpinApp, SpinAppExecutor } from '@spindle/api';
import type { Rollout } from './conditions.ts';
import type { HashesSeen } from './config-hash.ts';
import type { SharedExecutors } from './executor.ts';
import type { SecretSeen } from './old-secrets.ts';
import type { Problem } from './problem.ts';
import type { ReferredKind } from './references.ts';

export interface PlanInputs {
  readonly app: SpinApp;
  /** Executors of the app's namespace. */
  readonly executors: readonly SpinAppExecutor[];
  readonly sharedExecutors: SharedExecutors;
  /** Of executors of our own kind that name none. */
  readonly runtimeImage: string;
  /** Text under each key of what the app refers to; undefined when there is no such object. */
  readonly values: (kind: ReferredKind, name: string) => Readonly<Record<string, string>> | undefined;
  readonly deployment: DeploymentSeen | undefined;
  readonly service: ObjectSeen | undefined;
  /** Secrets of the namespace with the app's label. */
  readonly secrets: readonly SecretSeen[];
  /** Secrets that the app's ReplicaSets mount; undefined when that was not looked up, and then nothing is collected. */
  readonly mountedSecrets: ReadonlySet<string> | undefined;
  /** Whether the executor's CA Secret exists. */
  readonly hasSecret: (name: string) => boolean;
  /** What the app's pods tell; absent when nobody has asked them. */
  readonly pods?: PodsSeen;
  /** What the API server has refused of the same plan before: it goes into the status. */
  readonly refused?: Problem;
  /** RFC 3339, seconds. */
  readonly now: string;
}

/** An object that exists under a name that the app needs. */
export interface ObjectSeen {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Uid of the controller that owns it. */
  readonly controller: string | undefined;
  /** Value of the app-name label. */
  readonly appName: string | undefined;
}

/** Of the pods of the newest rollout. */
export interface PodsSeen {
  /** Why they do not start. */
  readonly problem: Problem | undefined;
  /** Of the image that those of the last complete rollout run; empty when they do not say it. */
  readonly imageDigest: string | undefined;
}

export interface DeploymentSeen extends ObjectSeen {
  /** Counts its edits. */
  readonly generation: number;
  readonly rollout: Rollout;
  readonly hashes: HashesSeen;
  /** Whether our field manager owns spec.replicas. */
  readonly ownsReplicas: boolean;
  readonly replicas: number;
}
