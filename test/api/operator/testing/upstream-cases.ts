// What upstream's operator was seen to do (test/upstream/operator), and objects of ours in the same form.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigMap, Secret, SpinApp, SpinAppExecutor } from '@spindle/api';
import type { ApiError, KubeObject } from '@spindle/kube';

export interface UpstreamCase {
  readonly case: string;
  readonly dependencies: readonly (SpinAppExecutor | Secret | ConfigMap)[];
  readonly object: SpinApp | SpinAppExecutor;
  readonly stored?: readonly (SpinApp | SpinAppExecutor)[];
  readonly deployments?: readonly KubeObject[];
  readonly services?: readonly KubeObject[];
  readonly secrets?: readonly Secret[];
  /** As kubectl prints it. */
  readonly rejected?: string;
}

const FOLDER = join(import.meta.dirname, '../../../upstream/operator');

export const UPSTREAM_CASES = readdirSync(FOLDER).map(
  (file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as UpstreamCase,
);

export function upstreamCase(name: string): UpstreamCase {
  const found = UPSTREAM_CASES.find((one) => one.case === name);
  if (found === undefined) {
    throw new Error(`upstream was not seen to do ${name}`);
  }
  return found;
}

/** By it changes of what pods read are noticed; the one thing more that a Deployment has. */
const OWN_ANNOTATION = 'core.spinkube.dev/config-hash';

const VARYING_METADATA = ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields'];
const VARYING_SPEC = ['clusterIP', 'clusterIPs'];

/** Without what no two objects share. */
export function comparable(object: KubeObject, namespace: string, uid: string): unknown {
  const copy = structuredClone(object) as unknown as Record<string, Record<string, unknown>>;
  // Nobody is here who would act on them.
  delete copy['status'];
  const { metadata = {}, spec = {}, data } = copy;
  for (const field of VARYING_METADATA) {
    delete metadata[field];
  }
  for (const field of VARYING_SPEC) {
    delete spec[field];
  }
  const annotations = (metadata['annotations'] ?? {}) as Record<string, unknown>;
  delete annotations[OWN_ANNOTATION];
  if (Object.keys(annotations).length === 0) {
    delete metadata['annotations'];
  }
  if (data?.['ca-certificates.crt'] !== undefined) {
    data['ca-certificates.crt'] = '<certificates>';
  }
  return JSON.parse(
    JSON.stringify(copy)
      .replaceAll(JSON.stringify(uid), '"<uid>"')
      .replaceAll(`"namespace":${JSON.stringify(namespace)}`, '"namespace":"<ns>"'),
  );
}

/** What kubectl prints of a refusal. */
export function asKubectl({ kind, metadata: { name } }: KubeObject, { message, causes }: ApiError): string {
  // Of rules that were not looked at because others are broken.
  const told = causes.filter(({ field }) => field !== '<nil>').map(({ field, message: why }) => `${field}: ${why}`);
  if (told.length === 0) {
    return message;
  }
  return `The ${kind} "${name}" is invalid: ${told.length === 1 ? told[0] : told.map((one) => `\n* ${one}`).join('')}`;
}
