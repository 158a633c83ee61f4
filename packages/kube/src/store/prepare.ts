// What is kept of an object: nothing that only the API server and kubectl need, and nothing that can be changed by mistake
// (kube-client 10).
import type { KubeObject } from '../client/resource.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Half of an object's bytes, often. */
export function stripped<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  const { annotations } = metadata;
  if (annotations?.[LAST_APPLIED] !== undefined) {
    const { [LAST_APPLIED]: _applied, ...others } = annotations;
    return { ...object, metadata: { ...metadata, annotations: others } };
  }
  return { ...object, metadata };
}

export function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) {
      deepFrozen(part);
    }
  }
  return value;
}
