// JSON Schemas for editors, from the same source as the CustomResourceDefinitions: what an author writes, without what only
// the API server understands.
import { API_VERSION } from '../spin-app/names.ts';
import type { JsonSchema } from './json-schema.ts';
import { SPIN_APP_EXECUTOR_SCHEMA } from './spin-app-executor-schema.ts';
import { SPIN_APP_SCHEMA } from './spin-app-schema.ts';

/** By file name. */
export const EDITOR_SCHEMAS: Readonly<Record<string, unknown>> = {
  'spinapp.json': editorSchema('SpinApp', SPIN_APP_SCHEMA),
  'spinappexecutor.json': editorSchema('SpinAppExecutor', SPIN_APP_EXECUTOR_SCHEMA),
};

function editorSchema(kind: string, schema: JsonSchema): unknown {
  const { spec, metadata } = schema.properties ?? {};
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: kind,
    description: schema.description,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { const: API_VERSION },
      kind: { const: kind },
      metadata,
      spec: forEditors(spec ?? {}),
    },
    additionalProperties: false,
  };
}

/** Objects with known fields are closed, as the API server's strict validation has it. */
function forEditors(schema: JsonSchema): unknown {
  const { properties, items, additionalProperties, ...rest } = schema;
  const own = Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes-') && key !== 'format');
  return {
    ...Object.fromEntries(own),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, forEditors(property)]),
          ),
          additionalProperties: false,
        }),
    ...(items === undefined ? {} : { items: forEditors(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: forEditors(additionalProperties) }),
  };
}
