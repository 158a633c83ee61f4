import type { RuntimeConfigOption, SpinApp, SpinAppExecutor, SpinAppSpec } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { CONFIG_HASH_ANNOTATION, planSpinApp, type DeploymentSeen, type Plan, type PlanInputs } from './index.ts';

const UID = 'uid-of-hello';
const IMAGE = 'ghcr.io/example/runtime:v1';

const shim: SpinAppExecutor = {
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinAppExecutor',
  metadata: { name: 'shim', namespace: 'demo' },
  spec: { createDeployment: true, deploymentConfig: { runtimeClassName: 'wasmtime-spin-v2' } },
};

const app = (spec: Partial<SpinAppSpec> = {}, name = 'hello'): SpinApp => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { name, namespace: 'demo', uid: UID, generation: 3 },
  spec: { image: 'ghcr.io/example/hello:v1', replicas: 1, ...spec },
});

const inputs = (changes: Partial<PlanInputs> = {}): PlanInputs => ({
  app: app(),
  executors: [shim],
  sharedExecutors: new Map(),
  runtimeImage: IMAGE,
  values: () => undefined,
  deployment: undefined,
  service: undefined,
  secrets: [],
  mountedSecrets: undefined,
  hasSecret: () => false,
  now: '2026-01-01T00:00:00Z',
  ...changes,
});

const deployment = (changes: Partial<DeploymentSeen> = {}): DeploymentSeen => ({
  uid: 'uid-of-deployment',
  resourceVersion: '7',
  generation: 1,
  controller: UID,
  appName: 'hello',
  rollout: { conditions: [], observed: true, desired: 1, updated: 1, ready: 1, total: 1 },
  hashes: { onDeployment: undefined, onTemplate: undefined },
  ownsReplicas: true,
  replicas: 4,
  ...changes,
});

const SECRETS = { k: 's3cret', 'runtime-config.toml': 's3cret' };
const secretOption = (name: string, key = 'k'): RuntimeConfigOption => ({
  name,
  valueFrom: { secretKeyRef: { name: 's', key } },
});

const condition = (plan: Plan, type: string): unknown => plan.status.conditions?.find((one) => one.type === type);

const templateAnnotations = (plan: Plan): unknown => plan.deployment?.spec.template.metadata.annotations;

describe('which executor runs an app', () => {
  it('is one that every namespace has, where its own has none of that name', () => {
    const sharedExecutors = new Map([
      ['everywhere', { createDeployment: true, deploymentConfig: { spinImage: 'spin:v4' } }],
    ]);
    const plan = planSpinApp(inputs({ app: app({ executor: 'everywhere' }), executors: [shim], sharedExecutors }));
    expect(plan.problems).toEqual([]);
    expect(plan.status.activeScheduler).toBe('everywhere');
  });

  it('is the first of the namespace by name where the app names none', () => {
    const later = { ...shim, metadata: { name: 'a-later' } };
    expect(planSpinApp(inputs({ executors: [shim, later] })).status.activeScheduler).toBe('a-later');
  });

  it('is the operator’s own where there is none at all', () => {
    const plan = planSpinApp(inputs({ executors: [] }));
    expect(plan.status.activeScheduler).toBe('node');
    expect(plan.deployment?.spec.template.spec).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          image: IMAGE,
          startupProbe: { httpGet: { path: '/.well-known/spin/health' } },
          securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    });
  });

  it('may come later: what runs goes on to run, and the condition says what is missing', () => {
    const plan = planSpinApp(inputs({ app: app({ executor: 'none-yet' }), deployment: deployment() }));
    expect([plan.deployment, plan.deleteDeployment]).toEqual([undefined, undefined]);
    expect(condition(plan, 'Ready')).toMatchObject({ status: 'False', reason: 'ExecutorNotFound' });
    expect(condition(plan, 'Stalled')).toMatchObject({ status: 'False' });
  });

  it('is incomplete when it makes Deployments and does not say how', () => {
    const incomplete: SpinAppExecutor = { ...shim, spec: { createDeployment: true } };
    expect(planSpinApp(inputs({ executors: [incomplete] })).problems[0]?.reason).toBe('ExecutorInvalid');
  });

  it('may leave the pods to others: the Deployment goes, the Service stays', () => {
    const others: SpinAppExecutor = { ...shim, spec: { createDeployment: false } };
    const plan = planSpinApp(inputs({ executors: [others], deployment: deployment() }));
    expect(plan.deleteDeployment?.uid).toBe('uid-of-deployment');
    expect(plan.service).toBeDefined();
    expect(plan.secret).toBeUndefined();
  });
});

describe('a suspended app', () => {
  const none = { conditions: [], observed: true, desired: 0, updated: 0, ready: 0, total: 0 };

  it.each([{ replicas: 3 }, { enableAutoscaling: true, replicas: undefined as unknown as number }])(
    'has no pods, whatever else says how many: %j',
    (spec) => {
      const plan = planSpinApp(inputs({ app: app({ ...spec, suspend: true }), deployment: deployment() }));
      expect(plan.deployment?.spec.replicas).toBe(0);
      expect(plan.handOverReplicas).toBeUndefined();
    },
  );

  it('is ready when its pods have gone, and says why it has none', () => {
    const suspended = app({ suspend: true });
    const gone = planSpinApp(inputs({ app: suspended, deployment: deployment({ rollout: none }) }));
    expect(condition(gone, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    const going = planSpinApp(inputs({ app: suspended, deployment: deployment() }));
    expect(condition(going, 'Ready')).not.toMatchObject({ reason: 'Suspended' });
  });

  it('goes on with its own number, or with one pod where an autoscaler sets it', () => {
    const seen = deployment({ replicas: 0, rollout: none });
    const own = planSpinApp(inputs({ app: app({ replicas: 3, suspend: false }), deployment: seen }));
    expect(own.deployment?.spec.replicas).toBe(3);
    const autoscaled = app({ enableAutoscaling: true, replicas: undefined as unknown as number });
    const scaled = planSpinApp(inputs({ app: autoscaled, deployment: seen }));
    expect([scaled.deployment?.spec.replicas, scaled.handOverReplicas]).toEqual([undefined, 1]);
  });
});

it('an option that is neither true nor false where Spin wants that is told by its place', () => {
  const options = [{ name: 'consistent_read', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }];
  const runtimeConfig = { keyValueStores: [{ name: 'default', type: 'aws_dynamo', options }] };
  const plan = planSpinApp(inputs({ app: app({ runtimeConfig }), values: () => ({ k: 's3cret' }) }));
  expect(condition(plan, 'Ready')).toMatchObject({
    reason: 'RuntimeConfigInvalid',
    message:
      'spec.runtimeConfig.keyValueStores[0].options[0]: the option "consistent_read" is neither true nor false. Give it one of them.',
  });
});

it.each<[string, Partial<SpinAppSpec>]>([
  [
    'an option',
    {
      runtimeConfig: {
        keyValueStores: [{ name: 'a', type: 'aws_dynamo', options: [secretOption('consistent_read')] }],
      },
    },
  ],
  [
    'an option that is well',
    { runtimeConfig: { keyValueStores: [{ name: 'a', type: 'redis', options: [secretOption('url')] }] } },
  ],
  ['a missing key', { runtimeConfig: { llmCompute: { type: 'spin', options: [secretOption('url', 'other')] } } }],
  ['a file', { runtimeConfig: { loadFromSecret: 'own' } }],
  ['a variable', { variables: [{ name: 'v', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }],
])('no status, problem or pod template says what a Secret holds: %s', (_what, spec) => {
  const { secret: _, ...plan } = planSpinApp(inputs({ app: app(spec), values: () => SECRETS }));
  expect(JSON.stringify(plan)).not.toContain('s3cret');
});

describe('objects of somebody else', () => {
  it('are not taken over', () => {
    const plan = planSpinApp(inputs({ deployment: deployment({ controller: 'uid-of-another' }) }));
    expect(plan.deployment).toBeUndefined();
    expect(condition(plan, 'Stalled')).toMatchObject({ status: 'True', reason: 'DeploymentConflict' });
  });

  it('are not deleted either', () => {
    const others: SpinAppExecutor = { ...shim, spec: { createDeployment: false } };
    const foreign = deployment({ controller: undefined, appName: undefined });
    expect(planSpinApp(inputs({ executors: [others], deployment: foreign })).deleteDeployment).toBeUndefined();
  });

  it('are ours again when they lost their owner and kept the label', () => {
    expect(planSpinApp(inputs({ deployment: deployment({ controller: undefined }) })).deployment).toBeDefined();
  });
});

const hashOf = (plan: Plan): string => plan.deployment?.metadata.annotations?.[CONFIG_HASH_ANNOTATION] ?? '';

describe('what pods read at their start', () => {
  const spec = { runtimeConfig: { loadFromSecret: 'config' } };
  const withText = (text: string, seen?: DeploymentSeen): Plan =>
    planSpinApp(inputs({ app: app(spec), values: () => ({ 'runtime-config.toml': text }), deployment: seen }));

  it('leaves the pods as they are when it is first seen, so that a takeover restarts none', () => {
    expect(templateAnnotations(withText('a', deployment()))).toBeUndefined();
  });

  it('replaces them when it changes, and once only', () => {
    const first = hashOf(withText('a'));
    const changed = withText('b', deployment({ hashes: { onDeployment: first, onTemplate: undefined } }));
    const second = hashOf(changed);
    const settled = withText('b', deployment({ hashes: { onDeployment: second, onTemplate: second } }));

    expect(second).not.toBe(first);
    expect(templateAnnotations(changed)).toEqual({ [CONFIG_HASH_ANNOTATION]: second });
    expect(settled.deployment).toEqual(changed.deployment);
  });

  it('replaces them when it changes back', () => {
    const first = hashOf(withText('a'));
    const second = hashOf(withText('b'));
    const back = withText('a', deployment({ hashes: { onDeployment: second, onTemplate: second } }));
    expect(templateAnnotations(back)).toEqual({ [CONFIG_HASH_ANNOTATION]: first });
  });

  it('may be missing: the pods wait for it, and the condition names the field', () => {
    const plan = planSpinApp(inputs({ app: app(spec) }));
    expect(plan.deployment).toBeDefined();
    expect(plan.status.lastError).toBe(
      'spec.runtimeConfig.loadFromSecret: there is no Secret "config" in the namespace. Create it; the app then starts by itself.',
    );
  });
});

it('the number of pods is handed over when somebody else is to set it', () => {
  const autoscaled = app({ enableAutoscaling: true, replicas: undefined as unknown as number });
  expect(planSpinApp(inputs({ app: autoscaled, deployment: deployment() })).handOverReplicas).toBe(4);
  expect(
    planSpinApp(inputs({ app: autoscaled, deployment: deployment({ ownsReplicas: false }) })).handOverReplicas,
  ).toBeUndefined();
});

describe('runtime-config Secrets of earlier generations', () => {
  const old = {
    name: 'hello-deadbeef',
    uid: 'uid-of-old',
    resourceVersion: '3',
    labels: { 'core.spinkube.dev/app-name': 'hello' },
    ownerUids: [UID],
    keys: ['runtime-config.toml'],
  };

  it('are deleted when no ReplicaSet mounts them', () => {
    const plan = planSpinApp(inputs({ deployment: deployment(), secrets: [old], mountedSecrets: new Set() }));
    expect(plan.deleteSecrets).toEqual([old]);
  });

  it.each([
    ['one that a ReplicaSet mounts', old, new Set([old.name])],
    ['the one of now', { ...old, name: 'hello-760b133c' }, new Set<string>()],
    ['one that another app owns', { ...old, ownerUids: ['another'] }, new Set<string>()],
    ['one with a name of another kind', { ...old, name: 'hello-logins' }, new Set<string>()],
    ['one that holds more', { ...old, keys: ['runtime-config.toml', 'password'] }, new Set<string>()],
    ['any while it is not known what is mounted', old, undefined],
  ])('stay: %s', (_what, secret, mountedSecrets) => {
    expect(planSpinApp(inputs({ deployment: deployment(), secrets: [secret], mountedSecrets })).deleteSecrets).toEqual(
      [],
    );
  });
});

describe('what is wrong with an app by itself', () => {
  it.each<[string, SpinApp, string]>([
    ['a name with a dot', app({}, 'my.app'), 'metadata.name'],
    ['a name of which no label can be made', app({}, 'a'.repeat(53)), 'metadata.name'],
    ['a probe that asks nothing', app({ checks: { readiness: {} } }), 'spec.checks.readiness.httpGet'],
    ['a variable without a name', app({ variables: [{ name: '' }] }), 'spec.variables[0].name'],
    ['a variable with the prefix', app({ variables: [{ name: 'SPIN_VARIABLE_A' }] }), 'spec.variables[0].name'],
    [
      'a variable with two values',
      app({ variables: [{ name: 'a', value: 'b', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
      'spec.variables[0].valueFrom',
    ],
    ['a volume with the operator’s name', app({ volumes: [{ name: 'spin-ca' }] }), 'spec.volumes[0].name'],
    [
      'a mount over the operator’s file',
      app({ volumeMounts: [{ name: 'v', mountPath: '/runtime-config.toml' }] }),
      'spec.volumeMounts[0].mountPath',
    ],
    ['memory that is no quantity', app({ invocationLimits: { memory: 'lots' } }), 'spec.invocationLimits[memory]'],
    [
      'two stores of one name',
      app({
        runtimeConfig: {
          keyValueStores: [
            { name: 'a', type: 'spin' },
            { name: 'a', type: 'spin' },
          ],
        },
      }),
      'spec.runtimeConfig.keyValueStores',
    ],
  ])('%s is told by field, and nothing is written', (_what, given, field) => {
    const plan = planSpinApp(inputs({ app: given }));
    expect(plan.problems[0]?.field).toBe(field);
    expect([plan.deployment, plan.service, plan.secret]).toEqual([undefined, undefined, undefined]);
  });

  it('a name of 52 characters is the longest', () => {
    expect(planSpinApp(inputs({ app: app({}, 'a'.repeat(52)) })).problems).toEqual([]);
  });
});

describe('the conditions', () => {
  const rolledOut = deployment();
  const readyIn = (changes: Partial<DeploymentSeen['rollout']>): unknown =>
    condition(
      planSpinApp(inputs({ deployment: { ...rolledOut, rollout: { ...rolledOut.rollout, ...changes } } })),
      'Ready',
    );

  it.each([
    ['all pods ready', {}, 'True', 'Deployed'],
    ['a status of an older spec', { observed: false }, 'False', 'RollingOut'],
    ['an old pod that still runs', { total: 2 }, 'False', 'RollingOut'],
    ['a pod that is not ready', { ready: 0 }, 'False', 'RollingOut'],
    ['no pods, as the spec says', { desired: 0, updated: 0, ready: 0, total: 0 }, 'True', 'ScaledToZero'],
  ])('say of %s: %s %s %s', (_what, changes, status, reason) => {
    expect(readyIn(changes)).toMatchObject({ status, reason, observedGeneration: 3 });
  });

  it('say why a rollout does not go on', () => {
    const stuck = {
      ready: 0,
      conditions: [
        { type: 'Progressing', status: 'False' as const, reason: 'ProgressDeadlineExceeded', message: 'timed out' },
      ],
    };
    expect(readyIn(stuck)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' });
  });

  it('keep the time of their last change while their status stays', () => {
    const before = {
      type: 'Ready',
      status: 'True' as const,
      reason: 'Other',
      message: '',
      lastTransitionTime: '2020-01-01T00:00:00Z',
    };
    const given = { ...app(), status: { readyReplicas: 0, conditions: [before] } };
    expect(condition(planSpinApp(inputs({ app: given, deployment: rolledOut })), 'Ready')).toMatchObject({
      lastTransitionTime: '2020-01-01T00:00:00Z',
    });
  });
});
