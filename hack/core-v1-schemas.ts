// Writes the schemas of core/v1 types that SpinApp holds, as a real API server describes them, in the form that a
// CustomResourceDefinition may have. To be run when the version of Kubernetes in hack/cluster/versions.ts changes:
// node hack/core-v1-schemas.ts
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findClusterProgram } from './cluster/binaries.ts';
import { startControlPlane } from './cluster/control-plane.ts';

const run = promisify(execFile);
const OUTPUT = join(import.meta.dirname, '../packages/api/src/custom-resources/core-v1.schema.json');
const TYPES = ['EnvVarSource', 'LocalObjectReference', 'Volume', 'VolumeMount'];

/** What a Quantity is by apimachinery; OpenAPI has only "string or number". */
const QUANTITY: Schema = {
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  pattern: String.raw`^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$`,
  'x-kubernetes-int-or-string': true,
};

/** Of the metadata of a template, what its author may give. */
const TEMPLATE_METADATA = ['annotations', 'finalizers', 'labels', 'name', 'namespace'];

interface Schema {
  readonly [key: string]: unknown;
}

const controlPlane = await startControlPlane();
try {
  const { stdout } = await run(
    await findClusterProgram('kubectl'),
    ['--kubeconfig', controlPlane.kubeconfig, 'get', '--raw', '/openapi/v3/api/v1'],
    { maxBuffer: 64 << 20 },
  );
  const { components } = JSON.parse(stdout) as { components: { schemas: Record<string, Schema> } };
  const schemas = Object.fromEntries(
    TYPES.map((type) => [type, structural({ $ref: `io.k8s.api.core.v1.${type}` }, components.schemas)]),
  );
  await writeFile(OUTPUT, `${JSON.stringify(schemas, null, 2)}\n`);
} finally {
  await controlPlane.stop();
}

/**
 * References resolved; texts, and defaults that only say that a field may not be null, left out. Enumerations too: a
 * newer cluster may know more values, and the API server checks the pods that come of them.
 */
function structural(schema: Schema, all: Readonly<Record<string, Schema>>): Schema {
  const { $ref, allOf, oneOf, description: _text, default: value, ...own } = schema;
  const named = [$ref, ...((allOf ?? []) as Schema[]).map((part) => part['$ref'])].find((one) => one !== undefined);
  if (typeof named === 'string') {
    const name = named.replace(/^.*\//, '');
    const target = structural(all[name] ?? {}, all);
    return name.endsWith('.ObjectMeta') ? templateMetadata(target) : { ...target, ...structural(own, all) };
  }
  if (oneOf !== undefined) {
    return own['format'] === 'int-or-string' ? { ...QUANTITY, pattern: undefined } : QUANTITY;
  }
  const required = (own['required'] ?? []) as string[];
  const result: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(own)) {
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(part as Record<string, Schema>).map(([name, property]) => {
          const inner = structural(property, all);
          return [name, required.includes(name) ? without(inner, 'default') : inner];
        }),
      );
    } else if (key === 'items' || key === 'additionalProperties') {
      result[key] = without(structural(part as Schema, all), 'default');
    } else if (key !== 'enum' && !key.startsWith('x-kubernetes-patch') && key !== 'x-kubernetes-unions') {
      result[key] = part;
    }
  }
  return value === undefined || typeof value === 'object' ? result : { ...result, default: value };
}

function without(schema: Schema, key: string): Schema {
  const { [key]: _left, ...rest } = schema;
  return rest;
}

function templateMetadata(schema: Schema): Schema {
  const properties = Object.entries(schema['properties'] as Record<string, Schema>);
  return {
    type: 'object',
    properties: Object.fromEntries(properties.filter(([name]) => TEMPLATE_METADATA.includes(name))),
  };
}
