import * as fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { thrown } from '../test-support/thrown.ts';
import fixture from './fixtures/runtime-configs.json' with { type: 'json' };
import {
  DuplicateStore,
  OptionNotBoolean,
  runtimeConfigSecretName,
  runtimeConfigToml,
  type KeyLookup,
} from './runtime-config.ts';
import type { NamedStore, RuntimeConfig } from './types.ts';

interface Case {
  readonly app: string;
  readonly runtimeConfig?: RuntimeConfig;
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly secret: string;
  readonly toml: string;
}

const lookUpIn =
  (values: Case['values'] = {}): KeyLookup =>
  (kind, { name, key }) =>
    values[`${kind}/${name}`]?.[key] ?? '';

const cases: [string, Case][] = Object.entries(fixture.cases);

const store = (name: string): NamedStore => ({
  name,
  type: 't',
  options: [
    { name: 'zeta', value: '1' },
    { name: 'Alpha', value: '2' },
    { name: '\u{1F600}', value: '4' },
    { name: '\uFF41', value: '3' },
  ],
});

describe('the runtime configuration of a SpinApp', () => {
  it.each(cases)('is byte for byte that of the operator, and so is the name of its Secret: %s', (_name, recorded) => {
    const toml = runtimeConfigToml(recorded.runtimeConfig, lookUpIn(recorded.values));
    expect(toml).toBe(recorded.toml);
    expect(runtimeConfigSecretName(recorded.app, toml)).toBe(recorded.secret);
  });

  it('sorts stores and options by the bytes of their names, whatever their order was', () => {
    const toml = runtimeConfigToml({ keyValueStores: [store('b'), store('B'), store('a-b')] }, lookUpIn());
    const keys = toml.split('\n').filter((line) => line.startsWith('[key_value_store.'));
    expect(keys).toEqual(['[key_value_store.B]', '[key_value_store.a-b]', '[key_value_store.b]']);
    const options = toml.slice(toml.indexOf('.B]\n') + 4, toml.indexOf('\n\n[key_value_store.a-b]'));
    expect(options).toBe("Alpha = '2'\ntype = 't'\nzeta = '1'\n'\uFF41' = '3'\n'\u{1F600}' = '4'");
  });

  it('takes a value before its sources, a ConfigMap before a Secret, and the last of two options of one name', () => {
    const both = { configMapKeyRef: { name: 'c', key: 'k' }, secretKeyRef: { name: 's', key: 'k' } };
    const toml = runtimeConfigToml(
      {
        llmCompute: {
          type: 'remote_http',
          options: [
            { name: 'a', value: 'written', valueFrom: both },
            { name: 'b', value: '', valueFrom: both },
            { name: 'c', valueFrom: { secretKeyRef: both.secretKeyRef } },
            { name: 'd' },
            { name: 'a', value: 'again' },
            { name: 'type', value: 'spin' },
          ],
        },
      },
      lookUpIn({ 'ConfigMap/c': { k: 'of the map' }, 'Secret/s': { k: 'of the secret' } }),
    );
    expect(parse(toml)['llm_compute']).toEqual({
      a: 'again',
      b: 'of the map',
      c: 'of the secret',
      d: '',
      type: 'spin',
    });
  });

  it.each([
    ['keyValueStores', 'duplicate definition for key value store with name: a'],
    ['sqliteDatabases', 'duplicate definition for sqlite database with name: a'],
  ])('refuses two of one name in %s', (field, message) => {
    const two = [
      { name: 'a', type: 'spin' },
      { name: 'a', type: 'redis' },
    ];
    const error = thrown(() => runtimeConfigToml({ [field]: two }, lookUpIn()));
    expect(error).toBeInstanceOf(DuplicateStore);
    expect(error).toMatchObject({ message, label: 'a' });
  });

  it.each([
    ['true', true],
    ['false', false],
    ['', undefined],
  ])('gives Spin a boolean where it takes nothing else: %j', (value, wanted) => {
    const options = [{ name: 'consistent_read', value }];
    const dynamo = runtimeConfigToml({ keyValueStores: [{ name: 'a', type: 'aws_dynamo', options }] }, lookUpIn());
    expect(parse(dynamo)).toMatchObject({ key_value_store: { a: { type: 'aws_dynamo' } } });
    expect((parse(dynamo) as { key_value_store: { a: object } }).key_value_store.a).toEqual(
      wanted === undefined ? { type: 'aws_dynamo' } : { type: 'aws_dynamo', consistent_read: wanted },
    );
    const redis = runtimeConfigToml({ keyValueStores: [{ name: 'a', type: 'redis', options }] }, lookUpIn());
    expect(redis).toContain(`consistent_read = '${value}'`);
  });

  it('refuses what is neither true nor false, by its place and not by its value', () => {
    const options = [
      { name: 'region', value: 'r' },
      { name: 'consistent_read', value: 's3cret' },
    ];
    const stores = [
      { name: 'b', type: 'spin' },
      { name: 'a', type: 'aws_dynamo', options },
    ];
    const error = thrown(() => runtimeConfigToml({ keyValueStores: stores }, lookUpIn()));
    expect(error).toBeInstanceOf(OptionNotBoolean);
    expect(error).toMatchObject({
      message: 'the option "consistent_read" is neither true nor false',
      path: ['keyValueStores', 1, 'options', 1],
    });
  });

  it('is TOML that says what was given, whatever the texts are', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom("it's", '"""', '\t', '\\', '\u007F', ''));
    // The key that TOML's reader would take for a prototype is none of a store.
    const names = fc.uniqueArray(
      text.filter((name) => name !== '__proto__'),
      { maxLength: 4 },
    );
    const stores = names.chain((all) =>
      fc.tuple(...all.map((name) => fc.tuple(fc.constant(name), fc.dictionary(text, text, { maxKeys: 3 })))),
    );
    fc.assert(
      fc.property(stores, (given) => {
        const list = given.map(([name, options]) => ({
          name,
          type: 'x',
          options: Object.entries(options).map(([key, value]) => ({ name: key, value })),
        }));
        const read = parse(runtimeConfigToml({ keyValueStores: list }, lookUpIn()));
        const wanted = Object.fromEntries(given.map(([name, options]) => [name, { type: 'x', ...options }]));
        expect(read['key_value_store'] ?? {}).toEqual(wanted);
      }),
    );
  });
});
