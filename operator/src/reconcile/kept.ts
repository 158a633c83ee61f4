// What is kept of each watched object: what a plan is made from, and no more. Ten thousand apps fit into memory by it.
import { createHash } from 'node:crypto';
import { APP_NAME_LABEL, type Secret, type SpinApp } from '@spindle/api';
import type { KubeObject, Observed } from '@spindle/kube';
import { CONFIG_HASH_ANNOTATION, type DeploymentSeen, type ObjectSeen, type SecretSeen } from '../plan/index.ts';
import { appliedFingerprint, ownsField } from './applied-fields.ts';
import type { Deployment } from './resources.ts';

export type KeptMetadata = Observed['metadata'];

/** An object that an app has under its own name. */
export interface KeptObject extends Observed {
  readonly controller: string | undefined;
  readonly appName: string | undefined;
  /** Of the fields that we have applied. */
  readonly applied: string | undefined;
}

export interface KeptDeployment extends KeptObject {
  readonly generation: number;
  readonly rollout: DeploymentSeen['rollout'];
  readonly hashes: DeploymentSeen['hashes'];
  readonly ownsReplicas: boolean;
  readonly replicas: number;
}

export interface KeptSecret extends Observed {
  readonly seen: SecretSeen;
  /** Of its data. */
  readonly content: string;
}

export function keptObject(object: KubeObject & Observed): KubeObject & KeptObject {
  const { metadata } = object;
  return {
    metadata: bareMetadata(metadata),
    controller: metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid,
    appName: metadata.labels?.[APP_NAME_LABEL],
    applied: appliedFingerprint(object),
  };
}

/** Kubernetes' own default. */
const DEFAULT_REPLICAS = 1;

export function keptDeployment(object: Deployment & Observed): KeptDeployment {
  const { metadata, spec = {}, status = {} } = object;
  const replicas = spec.replicas ?? DEFAULT_REPLICAS;
  const { conditions = [], observedGeneration = 0 } = status;
  return {
    ...keptObject(object),
    generation: metadata.generation ?? 0,
    replicas,
    ownsReplicas: ownsField(object, ['spec', 'replicas']),
    hashes: {
      onDeployment: metadata.annotations?.[CONFIG_HASH_ANNOTATION],
      onTemplate: spec.template?.metadata?.annotations?.[CONFIG_HASH_ANNOTATION],
    },
    rollout: {
      conditions: conditions.map((condition) => ({
        type: condition.type,
        status: condition.status,
        // A condition of ours must have one.
        reason: condition.reason || 'NoReason',
        message: condition.message ?? '',
      })),
      observed: observedGeneration >= (metadata.generation ?? 0),
      desired: replicas,
      updated: status.updatedReplicas ?? 0,
      ready: status.readyReplicas ?? 0,
      total: status.replicas ?? 0,
    },
  };
}

export function keptSecret(object: Secret & Observed): KeptSecret {
  const { metadata, data = {} } = object;
  return {
    metadata: bareMetadata(metadata),
    seen: {
      name: metadata.name,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      labels: { [APP_NAME_LABEL]: metadata.labels?.[APP_NAME_LABEL] ?? '' },
      ownerUids: (metadata.ownerReferences ?? []).map(({ uid }) => uid),
      keys: Object.keys(data),
    },
    content: contentOf(data),
  };
}

/** Of a Secret's data, in base64 as it is in the object. */
export const contentOf = (data: Readonly<Record<string, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(data).toSorted(([one], [other]) => (one < other ? -1 : 1))))
    .digest('base64');

/** Of what apps only refer to: which state it is in. */
export const keptReference = <T extends KubeObject>(object: T & Observed): T & Observed => ({
  ...object,
  metadata: bareMetadata(object.metadata),
});

export function keptApp(app: SpinApp & Observed): SpinApp & Observed {
  const { generation } = app.metadata;
  return { ...app, metadata: { ...bareMetadata(app.metadata), ...(generation === undefined ? {} : { generation }) } };
}

function bareMetadata({ name, namespace, uid, resourceVersion, deletionTimestamp }: KeptMetadata): KeptMetadata {
  return {
    name,
    uid,
    resourceVersion,
    ...(namespace === undefined ? {} : { namespace }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}

export const objectSeen = ({ metadata, controller, appName }: KeptObject): ObjectSeen => ({
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
  controller,
  appName,
});

export const deploymentSeen = (kept: KeptDeployment): DeploymentSeen => ({
  ...objectSeen(kept),
  generation: kept.generation,
  rollout: kept.rollout,
  hashes: kept.hashes,
  ownsReplicas: kept.ownsReplicas,
  replicas: kept.replicas,
});
