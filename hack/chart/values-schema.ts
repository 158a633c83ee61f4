// values.schema.json: what the defaults show, made strict, so that a typo in a values file is told before anything is installed.
import type { ChartValue } from './values.ts';

export function valuesSchema(values: readonly ChartValue[]): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart spindle',
    ...objectSchema(values, { global: { description: 'Values that parent charts share.', type: 'object' } }),
  };
}

function objectSchema(values: readonly ChartValue[], further: Readonly<Record<string, object>> = {}): object {
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(values.map((value) => [value.path.at(-1) ?? '', schemaOf(value)])),
      ...further,
    },
  };
}

function schemaOf({ description, schema, initial, children }: ChartValue): object {
  return {
    ...(description === '' ? {} : { description }),
    ...(children === undefined ? { type: typeOf(initial), default: initial } : objectSchema(children)),
    ...schema,
  };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'number' ? 'integer' : typeof value;
}
