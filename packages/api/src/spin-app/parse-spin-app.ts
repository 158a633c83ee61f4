// Reads a SpinApp. As strict as the schema of the custom resource and as kubectl's decoder: an unknown field is an error,
// since a typing error there would silently run another app (control-plane contract §1.2).
import type { DocumentNode } from '../document/document-node.ts';
import { asItIs, flag, int32, listOf, optional, text, textMap, texts } from './fields.ts';
import { parseMetadata } from './parse-metadata.ts';
import { parseRuntimeConfig, parseVariable } from './parse-sources.ts';
import { quantityValue } from './quantity.ts';
import type {
  HealthProbe,
  HttpGetProbe,
  LocalObjectReference,
  Quantity,
  Resources,
  SpinApp,
  SpinAppSpec,
  Volume,
  VolumeMount,
} from './types.ts';

/** The status is what a cluster has said of it: it is not read. */
export function parseSpinApp(node: DocumentNode): SpinApp {
  const table = node.table(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  return {
    apiVersion: 'core.spinkube.dev/v1alpha1',
    kind: 'SpinApp',
    metadata: parseMetadata(table.required('metadata')),
    spec: parseSpec(table.required('spec')),
  };
}

function parseSpec(node: DocumentNode): SpinAppSpec {
  const table = node.table([
    'executor',
    'image',
    'imagePullSecrets',
    'checks',
    'replicas',
    'enableAutoscaling',
    'suspend',
    'runtimeConfig',
    'volumes',
    'volumeMounts',
    'variables',
    'serviceAnnotations',
    'deploymentAnnotations',
    'podAnnotations',
    'podLabels',
    'resources',
    'components',
    'serviceAccountName',
    'invocationLimits',
  ]);
  return {
    ...optional(table, 'executor', text),
    image: image(table.required('image')),
    ...optional(table, 'imagePullSecrets', listOf(localReference)),
    ...optional(table, 'checks', (checks) => {
      const probes = checks.table(['readiness', 'liveness']);
      return { ...optional(probes, 'readiness', probe), ...optional(probes, 'liveness', probe) };
    }),
    ...optional(table, 'replicas', int32),
    ...optional(table, 'enableAutoscaling', flag),
    ...optional(table, 'suspend', flag),
    ...optional(table, 'runtimeConfig', parseRuntimeConfig),
    ...optional(table, 'volumes', listOf(volume)),
    ...optional(table, 'volumeMounts', listOf(volumeMount)),
    ...optional(table, 'variables', listOf(parseVariable)),
    ...optional(table, 'serviceAnnotations', textMap),
    ...optional(table, 'deploymentAnnotations', textMap),
    ...optional(table, 'podAnnotations', textMap),
    ...optional(table, 'podLabels', textMap),
    ...optional(table, 'resources', resources),
    ...optional(table, 'components', components),
    ...optional(table, 'serviceAccountName', text),
    ...optional(table, 'invocationLimits', textMap),
  };
}

function image(node: DocumentNode): string {
  if (node.string() === '') {
    throw node.contentError('the image is empty', {
      remedy: 'Write the OCI reference of the app, for example ghcr.io/me/hello:v1.',
    });
  }
  return node.string();
}

/** The name may be missing, as the schema has it; it then means nothing. */
function localReference(node: DocumentNode): LocalObjectReference {
  return { name: node.table(['name']).get('name')?.string() ?? '' };
}

function probe(node: DocumentNode): HealthProbe {
  const table = node.table([
    'httpGet',
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]);
  return {
    ...optional(table, 'httpGet', httpGet),
    ...optional(table, 'initialDelaySeconds', int32),
    ...optional(table, 'timeoutSeconds', int32),
    ...optional(table, 'periodSeconds', int32),
    ...optional(table, 'successThreshold', int32),
    ...optional(table, 'failureThreshold', int32),
  };
}

function httpGet(node: DocumentNode): HttpGetProbe {
  const table = node.table(['path', 'httpHeaders']);
  return { path: table.required('path').string(), ...optional(table, 'httpHeaders', listOf(header)) };
}

function header(node: DocumentNode): { name: string; value: string } {
  const table = node.table(['name', 'value']);
  return { name: table.required('name').string(), value: table.required('value').string() };
}

function volume(node: DocumentNode): Volume {
  return { ...asItIs(node), name: node.table().required('name').string() };
}

function volumeMount(node: DocumentNode): VolumeMount {
  const table = node.table();
  return {
    ...asItIs(node),
    name: table.required('name').string(),
    mountPath: table.required('mountPath').string(),
  };
}

function resources(node: DocumentNode): Resources {
  const table = node.table(['limits', 'requests']);
  return { ...optional(table, 'limits', quantities), ...optional(table, 'requests', quantities) };
}

const quantities = (node: DocumentNode): Record<string, Quantity> =>
  Object.fromEntries(
    node
      .table()
      .entries()
      .map(([name, field]) => [name, quantity(field)]),
  );

function quantity(node: DocumentNode): Quantity {
  const value = typeof node.value === 'number' ? node.value : node.string();
  if (quantityValue(value) === undefined) {
    throw node.contentError(`${JSON.stringify(value)} is no quantity`, {
      remedy: 'Write a number with a unit, for example 128Mi, 1Gi or 500m.',
    });
  }
  return value;
}

function components(node: DocumentNode): string[] {
  if (node.list().length === 0) {
    throw node.contentError('spec.components in body should have at least 1 items', {
      remedy: 'Name components, or leave the field out to run all.',
    });
  }
  return texts(node);
}
