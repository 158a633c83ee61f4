// Mistakes, each put into a spec that was good before, and the field that whoever made it must be told.
import type { SpinAppSpec } from '@spindle/api';
import * as fc from 'fast-check';
import { ELSEWHERE, SHIM } from '../scenarios/objects.ts';
import { validSpec } from './valid.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Mistake {
  readonly name: string;
  readonly make: (spec: SpinAppSpec) => Fields;
  /** Part of a refusal or of a condition. */
  readonly field: string;
}

export interface InvalidSpec {
  readonly name: string;
  readonly spec: Fields;
  readonly field: string;
}

const without = (spec: SpinAppSpec, field: keyof SpinAppSpec): Fields =>
  Object.fromEntries(Object.entries(spec).filter(([name]) => name !== field));

/** At a field of the spec itself. */
const at = (field: string, value: unknown): Mistake => ({
  name: `${field} is ${JSON.stringify(value)}`,
  make: (spec) => ({ ...spec, [field]: value }),
  field: `spec.${field}`,
});

/** An app that has pods, so that they are looked at. */
const withPods = (name: string, wrong: Fields, field: string): Mistake => ({
  name,
  make: (spec) => ({ ...without(spec, 'enableAutoscaling'), replicas: 1, executor: SHIM, ...wrong }),
  field,
});

const stores = (...keyValueStores: readonly unknown[]): Fields => ({ runtimeConfig: { keyValueStores } });

export const MISTAKES: readonly Mistake[] = [
  at('image', 5),
  { name: 'no image', make: (spec) => without(spec, 'image'), field: 'spec.image' },
  { ...at('replicas', 'three'), field: 'spec.replicas' },
  { ...at('replicas', 1.5), field: 'spec.replicas' },
  {
    ...at('replicas', -1),
    name: 'replicas below 0',
    make: (spec) => ({ ...spec, enableAutoscaling: false, replicas: -1 }),
  },
  { name: 'no pods', make: (spec) => ({ ...spec, enableAutoscaling: false, replicas: 0 }), field: 'spec.replicas' },
  {
    name: 'replicas and autoscaling',
    make: (spec) => ({ ...spec, enableAutoscaling: true, replicas: 3 }),
    field: 'spec.replicas',
  },
  at('enableAutoscaling', 'yes'),
  at('components', []),
  at('serviceAccountName', 7),
  at('podLabels', { a: 1 }),
  at('imagePullSecrets', 'pull'),
  {
    name: 'annotations that nobody reads',
    make: (spec) => ({ ...without(spec, 'deploymentAnnotations'), executor: ELSEWHERE, podAnnotations: { a: 'b' } }),
    field: 'spec.podAnnotations',
  },
  withPods('an executor that does not exist', { executor: 'nobody' }, 'spec.executor'),
  withPods('a variable without a name', { variables: [{ value: 'x' }] }, 'spec.variables[0].name'),
  withPods(
    'a variable with a bad name',
    { variables: [{ name: 'ok' }, { name: 'a-b', value: 'x' }] },
    'spec.variables[1].name',
  ),
  withPods('a doubled prefix', { variables: [{ name: 'SPIN_VARIABLE_A', value: 'x' }] }, 'spec.variables[0].name'),
  withPods(
    'two sources of a variable',
    { variables: [{ name: 'a', value: 'x', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } }] },
    'spec.variables[0].valueFrom',
  ),
  withPods(
    'a Secret that does not exist',
    { variables: [{ name: 'a', valueFrom: { secretKeyRef: { name: 'nothing', key: 'x' } } }] },
    'spec.variables[0].valueFrom.secretKeyRef',
  ),
  withPods(
    'a key that does not exist',
    { variables: [{ name: 'a', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'nothing' } } }] },
    'spec.variables[0].valueFrom.configMapKeyRef',
  ),
  withPods(
    'a runtime configuration that does not exist',
    { runtimeConfig: { loadFromSecret: 'nothing' } },
    'spec.runtimeConfig.loadFromSecret',
  ),
  withPods(
    'a store twice',
    stores({ name: 'a', type: 'redis' }, { name: 'a', type: 'redis' }),
    'spec.runtimeConfig.keyValueStores',
  ),
  withPods('a store without a type', stores({ name: 'a' }), 'spec.runtimeConfig.keyValueStores[0].type'),
  withPods(
    'an option from a Secret that does not exist',
    stores({
      name: 'a',
      type: 'redis',
      options: [{ name: 'url', valueFrom: { secretKeyRef: { name: 'nothing', key: 'x' } } }],
    }),
    'spec.runtimeConfig.keyValueStores[0].options[0].valueFrom',
  ),
  withPods('no amount of memory', { invocationLimits: { memory: 'lots' } }, 'spec.invocationLimits[memory]'),
  withPods(
    'more memory for a call than there is',
    { invocationLimits: { memory: '1Gi' }, resources: { limits: { memory: '64Mi' } } },
    'spec.invocationLimits[memory]',
  ),
  withPods('no quantity', { resources: { limits: { memory: 'lots' } } }, 'spec.resources.limits.memory'),
  withPods('a volume of the operator', { volumes: [{ name: 'spin-ca', emptyDir: {} }] }, 'spec.volumes[0].name'),
  withPods(
    'a path of the operator',
    { volumes: [{ name: 'v', emptyDir: {} }], volumeMounts: [{ name: 'v', mountPath: '/runtime-config.toml' }] },
    'spec.volumeMounts[0].mountPath',
  ),
  withPods(
    'a probe that asks nothing',
    { checks: { readiness: { periodSeconds: 5 } } },
    'spec.checks.readiness.httpGet',
  ),
  // What only the API server can say of the pods.
  withPods(
    'a probe that never comes',
    { checks: { liveness: { httpGet: { path: '/' }, periodSeconds: -1 } } },
    'periodSeconds',
  ),
  withPods(
    'a mount of nothing',
    { volumes: [], volumeMounts: [{ name: 'nothing', mountPath: '/mnt' }] },
    'volumeMounts[',
  ),
  withPods('a label that is none', { podLabels: { 'no label!': 'x' } }, 'labels'),
  withPods(
    'more asked for than allowed',
    { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } }, invocationLimits: {} },
    'resources.requests',
  ),
];

/** Each mistake in turn, in specs drawn by lot. */
export const invalidSpecs = (count: number, seed: number): readonly InvalidSpec[] =>
  fc.sample(validSpec, { numRuns: count, seed }).map((spec, index) => {
    const { name, make, field } = MISTAKES[index % MISTAKES.length] as Mistake;
    return { name, spec: make(spec), field };
  });
