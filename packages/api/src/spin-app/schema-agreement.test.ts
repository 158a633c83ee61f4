// The reader of SpinApps and the schema of the custom resource are written apart. Whatever the schema accepts is read
// whole here, and no field besides.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonSchema } from '../custom-resources/json-schema.ts';
import { SPIN_APP_SCHEMA } from '../custom-resources/spin-app-schema.ts';
import { nodeOf } from '../document/json-document.ts';
import { userError } from '../test-support/thrown.ts';
import { parseSpinApp } from './parse-spin-app.ts';

const SPEC = SPIN_APP_SCHEMA.properties?.['spec'] ?? {};

/** The patterns that occur are those of quantities. */
const QUANTITIES = ['128Mi', '0.5', '1e3', '500m', 1, '0'];

function valueOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return fc.constantFrom<unknown>(...QUANTITIES);
  }
  switch (schema.type) {
    case 'object':
      return schema.properties === undefined
        ? fc.dictionary(fc.string(), valueOf(schema.additionalProperties ?? {}), { maxKeys: 2, noNullPrototype: true })
        : objectOf(schema.properties, schema.required ?? []);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 2 });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: 2 ** 31 - 1 });
    case 'boolean':
      return fc.boolean();
    case 'number':
      return fc.double({ noNaN: true });
    default:
      return schema.enum === undefined ? fc.string({ minLength: 1 }) : fc.constantFrom(...schema.enum);
  }
}

const objectOf = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valueOf(schema)])), {
    requiredKeys: [...required],
    noNullPrototype: true,
  });

const parsed = (spec: unknown): unknown =>
  parseSpinApp(
    nodeOf({ apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp', metadata: { name: 'a' }, spec }, [], 'SPK1002'),
  ).spec;

it('what the schema of the custom resource accepts is read whole', () => {
  fc.assert(
    fc.property(valueOf(SPEC), (spec) => {
      expect(withNames(parsed(spec))).toEqual(withNames(spec));
    }),
    { numRuns: 200 },
  );
});

it('each field of the schema is known, and one more is not', () => {
  const names = Object.keys(SPEC.properties ?? {});
  const expected = /expected one of (.*)$/.exec(userError(() => parsed({ image: 'a', other: 1 })).message)?.[1] ?? '';
  expect([...expected.matchAll(/`(\w+)`/g)].map(([, name]) => name).toSorted()).toEqual(names.toSorted());
});

/** A reference without a name means the same as one with an empty name, which is what the API server stores. */
function withNames(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withNames);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const fields = Object.entries(value).map(([name, field]) => [name, withNames(field)] as const);
  return Object.fromEntries(fields.filter(([name, field]) => name !== 'name' || field !== ''));
}
