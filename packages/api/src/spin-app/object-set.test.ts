import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeOf } from '../document/json-document.ts';
import { UserError } from '../errors.ts';
import { thrown, userError } from '../test-support/thrown.ts';
import fixture from './fixtures/spin-apps.json' with { type: 'json' };
import { readObjects, type ObjectSet } from './object-set.ts';
import { secretValues } from './parse-values.ts';

const read = (...objects: unknown[]): ObjectSet => readObjects(objects.map((object) => nodeOf(object, [], 'SPK1002')));

const app = (spec: object = {}, metadata: object = {}): object => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { name: 'hello', ...metadata },
  spec: { image: 'ghcr.io/example/hello:v1', executor: 'x', replicas: 1, ...spec },
});
const secret = (fields: object): object => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...fields });

const recorded: [string, { object: { spec: Record<string, unknown> }; rejected?: string }][] = Object.entries(
  fixture.cases,
);
/** The API server prunes the field, and kubectl refuses it. The executor is filled in before the schema is asked. */
const OTHERWISE = ['bad-unknown-field', 'bad-no-executor-anywhere', 'default-executor'];

describe('a SpinApp', () => {
  it.each(recorded.filter(([name, { rejected }]) => rejected === undefined && !OTHERWISE.includes(name)))(
    'that a cluster takes is read whole: %s',
    (_name, { object }) => {
      expect(read(object).apps[0]?.object.spec).toEqual(object.spec);
    },
  );

  it.each(recorded.filter(([name, { rejected }]) => rejected !== undefined && !OTHERWISE.includes(name)))(
    'that a cluster refuses is refused, with the same field: %s',
    (_name, { object, rejected = '' }) => {
      const error = userError(() => read(object));
      const missing = /`(?<field>\w+)`$/.exec(error.message)?.groups?.['field'];
      const field = [error.place.field, missing].filter(Boolean).join('.');
      expect(rejected.startsWith(`${field}: `)).toBe(true);
      expect(error.remedy).toMatch(/\.$/);
    },
  );

  it.each([
    ['an unknown field', app({ colour: 'red' }), 'unknown field `colour`', 'spec.colour'],
    ['no name', app({}, { name: null }), 'missing field `name`', 'metadata'],
    ['an empty name', app({}, { name: '' }), 'must have a name', 'metadata.name'],
    ['an empty image', app({ image: '' }), 'the image is empty', 'spec.image'],
    ['no spec', { ...app(), spec: undefined }, 'missing field `spec`', undefined],
    [
      'a variable that is a number',
      app({ variables: [{ name: 'a', value: 5 }] }),
      'expected a string',
      'spec.variables[0].value',
    ],
    [
      'an unknown source',
      app({ variables: [{ name: 'a', valueFrom: { envFrom: {} } }] }),
      'unknown field `envFrom`',
      'spec.variables[0].valueFrom.envFrom',
    ],
    ['more replicas than fit', app({ replicas: 2 ** 31 }), 'expected -2147483648 to 2147483647', 'spec.replicas'],
    [
      'a source without a key',
      app({ variables: [{ name: 'a', valueFrom: { secretKeyRef: { name: 's' } } }] }),
      'missing field `key`',
      'spec.variables[0].valueFrom.secretKeyRef',
    ],
    ['the former group', { ...app(), apiVersion: 'core.spinoperator.dev/v1alpha1' }, 'is not known', 'apiVersion'],
    ['another version', { ...app(), apiVersion: 'core.spinkube.dev/v1' }, 'is not known', 'apiVersion'],
    ['no version', { ...app(), apiVersion: undefined }, 'missing field `apiVersion`', undefined],
    ['another kind', { ...app(), kind: 'SpinnApp' }, 'unknown kind "SpinnApp"', 'kind'],
    ['no table', 'SpinApp', 'expected a map', undefined],
  ])('with %s is refused', (_what, object, message, field) => {
    const error = userError(() => read(object));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe(field);
    expect(error.remedy).toBeDefined();
  });

  it('may be what a cluster has stored', () => {
    const stored = app(
      { checks: {}, resources: {}, runtimeConfig: {}, enableAutoscaling: false },
      { uid: 'u', resourceVersion: '1', generation: 2, creationTimestamp: '2026-01-01T00:00:00Z', managedFields: [{}] },
    );
    const { apps } = read({ ...stored, status: { readyReplicas: 1 } });
    expect(apps[0]?.object.metadata).toEqual({ name: 'hello', uid: 'u', resourceVersion: '1', generation: 2 });
  });
});

describe('a file of manifests', () => {
  it('may hold lists in lists, empty documents, and what stands beside apps', () => {
    const set = read(
      null,
      { apiVersion: 'v1', kind: 'List', items: [app(), { apiVersion: 'v1', kind: 'SecretList', items: [secret({})] }] },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n' }, data: { a: 'b' } },
      { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } },
      {
        apiVersion: 'core.spinkube.dev/v1alpha1',
        kind: 'SpinAppExecutor',
        metadata: { name: 'e' },
        spec: { createDeployment: true },
      },
    );
    expect(
      [set.apps, set.secrets, set.configMaps].map((list) => list.map(({ name, namespace }) => [name, namespace])),
    ).toEqual([[['hello', 'default']], [['s', 'default']], [['c', 'n']]]);
    expect(set.others).toEqual(['HorizontalPodAutoscaler/h', 'Namespace/n', 'SpinAppExecutor/e']);
  });

  it('says which object stands there twice', () => {
    expect(userError(() => read(app(), app({}, { namespace: 'default' }))).message).toBe('a second SpinApp "hello"');
    expect(read(app(), app({}, { namespace: 'other' })).apps).toHaveLength(2);
  });
});

describe('a Secret', () => {
  it('has what data says in base64, and above it stringData', () => {
    const { secrets } = read(
      secret({ type: 'Opaque', data: { a: 'YQ==', b: 'YmI=\n', e: '' }, stringData: { b: 'über' } }),
    );
    const values = [...(secrets[0] === undefined ? [] : secretValues(secrets[0].object))];
    expect(values.map(([key, bytes]) => [key, new TextDecoder().decode(bytes)])).toEqual([
      ['a', 'a'],
      ['b', 'über'],
      ['e', ''],
    ]);
  });

  it.each([
    ['a number', { stringData: { password: 12345 } }, 'stringData.password'],
    ['a number in base64', { data: { password: 12345 } }, 'data.password'],
    ['no base64', { data: { password: 'geheim 12345' } }, 'data.password'],
    ['cut base64', { data: { password: 'MTIzNDU' } }, 'data.password'],
    ['a list', { data: ['12345'] }, 'data'],
  ])('with %s is refused without a word of what it holds', (_what, fields, field) => {
    const error = userError(() => read(secret(fields)));
    expect(error.place.field).toBe(field);
    expect(`${error.message} ${error.remedy}`).not.toMatch(/12345|MTIz/);
  });
});

it('whatever a document holds, it is read or refused with a place', () => {
  const FIELDS =
    'apiVersion kind metadata name namespace spec image variables value valueFrom secretKeyRef key runtimeConfig ' +
    'keyValueStores options type resources limits memory components items data stringData checks httpGet __proto__';
  const TEXTS = [
    'v1',
    'core.spinkube.dev/v1alpha1',
    'SpinApp',
    'Secret',
    'ConfigMap',
    'List',
    'hello',
    '',
    '1Gi',
    'YQ==',
  ];
  const { table } = fc.letrec<{ value: unknown; table: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(...TEXTS, true, 1, 2.5, null),
      tie('table'),
      fc.array(tie('table'), { maxLength: 2 }),
    ),
    table: fc.dictionary(fc.constantFrom(...FIELDS.split(' ')), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  }));
  const known = fc.constantFrom(app(), secret({ data: { a: 'YQ==' } }), { apiVersion: 'v1', kind: 'List', items: [] });
  fc.assert(
    fc.property(known, table, (base, over) => {
      const spec = { ...('spec' in base ? (base.spec as object) : {}), ...over };
      for (const object of [over, { ...base, ...over }, { ...base, spec }]) {
        const error = thrown(() => read(object));
        expect(error === undefined || error instanceof UserError ? undefined : error).toBeUndefined();
      }
    }),
    { numRuns: 500 },
  );
});
