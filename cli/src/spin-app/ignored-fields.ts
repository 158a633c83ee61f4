// What a SpinApp says to a cluster and not to a process: told, so that nobody waits for it.
import type { SpinAppSpec } from '@spindle/api';

/** Fields that never mean anything here. */
const FOR_CLUSTERS = [
  'checks',
  'enableAutoscaling',
  'suspend',
  'serviceAccountName',
  'volumes',
  'volumeMounts',
  'serviceAnnotations',
  'deploymentAnnotations',
] as const satisfies readonly (keyof SpinAppSpec)[];

export function ignoredFields(spec: SpinAppSpec): string[] {
  const fields: string[] = FOR_CLUSTERS.filter((field) => isGiven(spec[field])).map((field) => `spec.${field}`);
  const { replicas = 1, resources = {}, invocationLimits = {} } = spec;
  if (replicas > 1) {
    fields.push(`spec.replicas (one process serves, not ${replicas})`);
  }
  for (const kind of ['limits', 'requests'] as const) {
    // Only the limit of memory has its like here.
    const names = Object.keys(resources[kind] ?? {}).filter((name) => kind === 'requests' || name !== 'memory');
    fields.push(...names.map((name) => `spec.resources.${kind}.${name}`));
  }
  const limits = Object.keys(invocationLimits).filter((name) => name !== 'memory');
  return [...fields, ...limits.map((name) => `spec.invocationLimits.${name}`)];
}

/** The API server stores empty objects for what nobody wrote. */
const isGiven = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
