// Specs that must come to life, whatever they say: everything that SpinApp has, by itself and together.
import type {
  HealthProbe,
  RuntimeConfig,
  RuntimeConfigOption,
  SpinAppSpec,
  SpinVar,
  Volume,
  VolumeMount,
} from '@spindle/api';
import * as fc from 'fast-check';
import { ELSEWHERE, NODE, SHIM } from '../scenarios/objects.ts';

/** Secrets and ConfigMaps that there are, with their keys (scenarios/objects.ts, walk.ts). */
const SECRET_KEYS = [
  ['db', 'password'],
  ['db', 'url'],
] as const;
export const OWN_RUNTIME_CONFIG = 'own-runtime-config';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const text = fc.string({ unit: 'grapheme', maxLength: 24 });
/** Never two of the same name. */
const named = <T extends { readonly name: string }>(one: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> =>
  fc.uniqueArray(one, { selector: ({ name }) => name, maxLength });

const keyRef = fc.oneof(
  fc.constantFrom(...SECRET_KEYS).map(([name, key]) => ({ secretKeyRef: { name, key } })),
  fc.constant({ configMapKeyRef: { name: 'cfg', key: 'level' } }),
  fc.constant({ secretKeyRef: { name: 'not-there', key: 'x', optional: true } }),
);
const sourceThatIs = keyRef.filter((ref) => !('secretKeyRef' in ref && ref.secretKeyRef.name === 'not-there'));

const variable: fc.Arbitrary<SpinVar> = fc
  .tuple(
    fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('_')),
    fc.oneof(
      text.map((value) => ({ value })),
      keyRef.map((valueFrom) => ({ valueFrom })),
      fc.constant({ valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
      fc.constant({ valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }),
    ),
  )
  .map(([name, source]) => ({ name, ...source }))
  .filter(({ name }) => !name.startsWith('spin_variable'));

/** None that Spin takes as a boolean. */
const option: fc.Arbitrary<RuntimeConfigOption> = fc
  .tuple(
    fc.constantFrom('url', 'path', 'region', 'text'),
    fc.oneof(
      text.map((value) => ({ value })),
      sourceThatIs.map((valueFrom) => ({ valueFrom })),
    ),
  )
  .map(([name, source]) => ({ name, ...source }));

const store = fc.record({
  name: word,
  type: fc.constantFrom('redis', 'azure_cosmos', 'other'),
  options: named(option, 3),
});

const runtimeConfig: fc.Arbitrary<RuntimeConfig> = fc.oneof(
  fc.constant({ loadFromSecret: OWN_RUNTIME_CONFIG }),
  fc.record(
    {
      keyValueStores: named(store, 3),
      sqliteDatabases: named(store, 2),
      llmCompute: fc.record({ type: fc.constantFrom('spin', 'remote_http'), options: named(option, 2) }),
    },
    { requiredKeys: [] },
  ),
);

const probe = (successThreshold: fc.Arbitrary<number>): fc.Arbitrary<HealthProbe> =>
  fc.record(
    {
      httpGet: fc.record(
        {
          path: word.map((at) => `/${at}`),
          httpHeaders: fc.array(fc.record({ name: fc.constantFrom('x-a', 'x-b'), value: word }), { maxLength: 2 }),
        },
        { requiredKeys: ['path'] },
      ),
      initialDelaySeconds: fc.nat(30),
      timeoutSeconds: fc.integer({ min: 1, max: 30 }),
      periodSeconds: fc.integer({ min: 1, max: 30 }),
      successThreshold,
      failureThreshold: fc.integer({ min: 1, max: 10 }),
    },
    { requiredKeys: ['httpGet'] },
  );

const checks = fc.record(
  // Kubernetes: more than one success makes nothing alive.
  { readiness: probe(fc.integer({ min: 1, max: 5 })), liveness: probe(fc.constant(1)) },
  { requiredKeys: [] },
);

const storage: fc.Arbitrary<{ readonly volumes: Volume[]; readonly volumeMounts: VolumeMount[] }> = fc
  .uniqueArray(word, { minLength: 1, maxLength: 3 })
  .map((names) => ({
    volumes: names.map((name, index) =>
      index === 0 ? { name: `v-${name}`, configMap: { name: 'cfg' } } : { name: `v-${name}`, emptyDir: {} },
    ),
    volumeMounts: names.map((name) => ({ name: `v-${name}`, mountPath: `/mnt/${name}` })),
  }));

/** A request never above its limit; a call's memory neither. */
const sizes = fc
  .record({ cpu: fc.integer({ min: 1, max: 8 }), memory: fc.integer({ min: 64, max: 512 }) })
  .chain(({ cpu, memory }) =>
    fc.record(
      {
        resources: fc.record(
          {
            limits: fc.constant({ cpu: String(cpu), memory: `${memory}Mi` }),
            requests: fc.constantFrom({ cpu: `${cpu * 100}m`, memory: `${memory / 2}Mi` }, { cpu }),
          },
          { requiredKeys: ['limits'] },
        ),
        invocationLimits: fc.constantFrom({ memory: `${memory}Mi` }, { memory: '1Mi' }),
      },
      { requiredKeys: [] },
    ),
  );

const annotations = fc.dictionary(
  fc.tuple(fc.constantFrom('', 'example.com/'), word).map(([prefix, name]) => `${prefix}${name}`),
  text,
  { maxKeys: 3 },
);
const labels = fc.dictionary(
  word.map((name) => `example.com/${name}`),
  word,
  { maxKeys: 3 },
);

const pods = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }).map((replicas) => ({ replicas })) },
  { weight: 1, arbitrary: fc.constant({ enableAutoscaling: true }) },
);

const rest = fc.record(
  {
    imagePullSecrets: fc.constantFrom([], [{ name: 'pull' }], [{ name: 'pull' }, { name: 'other' }]),
    checks,
    runtimeConfig,
    variables: named(variable, 5),
    serviceAnnotations: annotations,
    podLabels: labels,
    components: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
    serviceAccountName: fc.constantFrom('default', 'runner'),
  },
  { requiredKeys: [] },
);

export const validSpec: fc.Arbitrary<SpinAppSpec> = fc
  .tuple(
    fc.record(
      {
        image: fc.constantFrom('ghcr.io/example/hello:v1', 'ghcr.io/example/hello:v2', 'localhost:5000/a/b@sha256:0'),
        executor: fc.constantFrom(SHIM, SHIM, NODE, ELSEWHERE),
      },
      { requiredKeys: ['image'] },
    ),
    pods,
    rest,
    fc.option(storage, { nil: {} }),
    fc.option(sizes, { nil: {} }),
    fc.record({ deploymentAnnotations: annotations, podAnnotations: annotations }, { requiredKeys: [] }),
  )
  .map(([what, count, others, volumes, size, notes]) => ({
    ...what,
    ...count,
    ...others,
    ...volumes,
    ...size,
    // Who runs the app reads none of them.
    ...(what.executor === ELSEWHERE ? {} : notes),
  }));
