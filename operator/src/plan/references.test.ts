// What an app refers to, as SpinKube's operator finds it (control-plane contract §9.1, Test_ExtractRuntimeConfigDependencies).
import type { RuntimeConfigOption, SpinAppSpec } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { referencesOf } from './references.ts';

const fromMap = (name: string): RuntimeConfigOption => ({
  name: 'o',
  valueFrom: { configMapKeyRef: { name, key: 'k' } },
});
const fromSecret = (name: string): RuntimeConfigOption => ({
  name: 'o',
  valueFrom: { secretKeyRef: { name, key: 'k' } },
});
const withOptions = (...options: RuntimeConfigOption[]): SpinAppSpec => ({
  image: 'a',
  runtimeConfig: {
    llmCompute: { type: 'remote_http', options: options.slice(0, 1) },
    keyValueStores: [{ name: 'default', type: 'redis', options: options.slice(1) }],
  },
});
const found = (spec: SpinAppSpec): string[] =>
  referencesOf(spec).map(({ kind, name, use }) => `${use} ${kind}/${name}`);

describe('what an app refers to', () => {
  it.each<[string, SpinAppSpec, readonly string[]]>([
    ['static values', withOptions({ name: 'o', value: 'a' }, { name: 'p', value: 'b' }), []],
    ['two ConfigMaps', withOptions(fromMap('a'), fromMap('b')), ['option ConfigMap/b', 'option ConfigMap/a']],
    ['a ConfigMap twice', withOptions(fromMap('a'), fromMap('a')), ['option ConfigMap/a', 'option ConfigMap/a']],
    ['two Secrets', withOptions(fromSecret('a'), fromSecret('b')), ['option Secret/b', 'option Secret/a']],
    ['a value beside a Secret', withOptions({ ...fromSecret('a'), value: 'here' }), []],
    [
      'a file of its own, which makes the rest mean nothing',
      { image: 'a', runtimeConfig: { loadFromSecret: 'own', ...withOptions(fromSecret('a')).runtimeConfig } },
      ['pod Secret/own'],
    ],
    [
      'variables',
      {
        image: 'a',
        variables: [
          { name: 'a', value: 'b' },
          { name: 'b', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          { name: 'c', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        ],
      },
      ['pod Secret/s'],
    ],
  ])('%s', (_what, spec, wanted) => {
    expect(found(spec)).toEqual(wanted);
  });
});
