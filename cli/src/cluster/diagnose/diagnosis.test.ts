import { describe, expect, it } from 'vitest';
import type { Condition } from '@spindle/api';
import type { Deployment, Event, LiveApp, Pod, ReplicaSet } from '../resources.ts';
import type { Children } from './children.ts';
import { diagnose } from './diagnosis.ts';

const condition = (type: string, status: Condition['status'], reason: string, message = ''): Condition => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

const app = (conditions: readonly Condition[] = [], observedGeneration = 3): LiveApp => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { name: 'shop', namespace: 'demo', generation: 3 },
  spec: { image: 'app', replicas: 2 },
  status: { observedGeneration, readyReplicas: 0, conditions },
});

const deployment = (
  conditions: NonNullable<Deployment['status']>['conditions'] = [],
  observedGeneration = 5,
): Deployment => ({
  metadata: { name: 'shop', generation: 5 },
  status: { observedGeneration, conditions },
});

const set = (name: string): ReplicaSet => ({ metadata: { name } });

const pod = (status: Pod['status'], metadata: Partial<Pod['metadata']> = {}, of = 'shop-2'): Pod => ({
  metadata: {
    name: 'shop-2-x',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: of, uid: '1' }],
    ...metadata,
  },
  ...(status === undefined ? {} : { status }),
});

type State = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

const container = (state: Partial<State>, phase = 'Pending'): NonNullable<Pod['status']> => ({
  phase,
  containerStatuses: [{ name: 'shop', ready: false, ...state }],
});

const waiting = (reason: string, message = ''): NonNullable<Pod['status']> =>
  container({ state: { waiting: { reason, message } } });

const event = (reason: string, message: string, of: Partial<Event['involvedObject']> = {}, count = 1): Event => ({
  metadata: {},
  reason,
  message,
  count,
  involvedObject: { kind: 'Pod', name: 'shop-2-x', ...of },
});

const children = (changes: Partial<Children>): Children => ({
  deployment: deployment(),
  replicaSets: [set('shop-2'), set('shop-1')],
  pods: [],
  events: [],
  ...changes,
});

const ofPod = (status: Pod['status'], ...events: readonly Event[]): unknown =>
  diagnose(app(), children({ pods: [pod(status)], events }));

describe('why an app is not ready', () => {
  it('is not said while nothing is wrong', () => {
    expect(diagnose(app(), children({}))).toBeUndefined();
    expect(ofPod(container({ state: { running: {} } }, 'Running'))).toBeUndefined();
    expect(ofPod(waiting('ContainerCreating'))).toBeUndefined();
  });

  it('is what the operator says, once it speaks of the spec of now', () => {
    const ill = [condition('Ready', 'False', 'ExecutorNotFound', 'spec.executor: there is none')];
    expect(diagnose(app(ill), children({}))).toMatchObject({
      reason: 'ExecutorNotFound',
      message: 'spec.executor: there is none',
      isFinal: true,
    });
    expect(diagnose(app(ill, 2), children({}))).toBeUndefined();
  });

  it.each([
    ['pods "a" is forbidden: exceeded quota: small', 'QuotaExceeded'],
    ['pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot', 'PodSecurityViolated'],
    ['pods "a" is forbidden: pod rejected: RuntimeClass "spin" not found', 'RuntimeClassMissing'],
    [
      'pods "a" is forbidden: error looking up service account demo/x: serviceaccount "x" not found',
      'ServiceAccountNotFound',
    ],
    ['admission webhook "policy" denied the request: no', 'PodsRefused'],
  ])('is that no pod may be made: %s', (message, reason) => {
    const failed = deployment([{ type: 'ReplicaFailure', status: 'True', message }]);
    const refused = event('FailedCreate', message, { kind: 'ReplicaSet', name: 'shop-2' });
    expect(diagnose(app(), children({ deployment: failed }))).toMatchObject({ reason, message, isFinal: true });
    expect(diagnose(app(), children({ events: [refused] }))).toMatchObject({ reason });
    // Of the version before, or of this one before it succeeded.
    const older = event('FailedCreate', message, { kind: 'ReplicaSet', name: 'shop-1' });
    expect(diagnose(app(), children({ events: [older] }))).toBeUndefined();
    expect(diagnose(app(), children({ events: [refused], pods: [pod(waiting('ContainerCreating'))] }))).toBeUndefined();
  });

  it.each([
    [waiting('ErrImagePull', 'x: manifest unknown'), [], 'ImagePullFailed', 'x: manifest unknown', true],
    [waiting('ErrImagePull', 'x: i/o timeout'), [], 'ImagePullFailed', 'x: i/o timeout', false],
    [
      waiting('ImagePullBackOff', 'Back-off pulling image "x"'),
      [event('Failed', 'Failed to pull image "x": unauthorized'), event('BackOff', 'Back-off pulling image "x"')],
      'ImagePullFailed',
      'Failed to pull image "x": unauthorized',
      true,
    ],
    [waiting('InvalidImageName', 'no'), [], 'ImagePullFailed', 'no', true],
    [
      waiting('CreateContainerConfigError', 'secret "x" not found'),
      [],
      'ContainerConfigInvalid',
      'secret "x" not found',
      true,
    ],
    [
      waiting('CreateContainerError', 'mismatched image rootfs'),
      [],
      'ContainerNotCreated',
      'mismatched image rootfs',
      true,
    ],
    [
      container({
        restartCount: 4,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, message: 'a\nError: no' } },
      }),
      [],
      'CrashLooping',
      'it ended with exit code 1, 4 restarts: Error: no',
      true,
    ],
    [
      container({ restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }),
      [],
      'OutOfMemory',
      'it used more memory than its limit, 1 restart',
      false,
    ],
    [
      { phase: 'Pending' },
      [event('FailedCreatePodSandBox', 'no runtime for "spin" is configured')],
      'RuntimeClassMissing',
      'no runtime for "spin" is configured',
      true,
    ],
    [
      { phase: 'Pending' },
      [event('FailedMount', 'secret "x" not found')],
      'VolumeNotMounted',
      'secret "x" not found',
      false,
    ],
    [
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] },
      [],
      'PodsUnschedulable',
      '0/1 nodes are available',
      false,
    ],
    [
      container({ state: { running: {} } }, 'Running'),
      [event('Unhealthy', 'Readiness probe failed: 500', {}, 3)],
      'ProbeFailing',
      'Readiness probe failed: 500',
      false,
    ],
  ] as const)('is the first thing that a pod suffers from: %#', (status, events, reason, message, isFinal) => {
    expect(ofPod(status, ...events)).toEqual({
      reason,
      message,
      isFinal,
      pod: 'shop-2-x',
      next: expect.stringMatching(/\.$/),
    });
  });

  it.each([
    ['a startup probe that has only begun to fail', [event('Unhealthy', 'Startup probe failed: refused', {}, 3)], {}],
    ['a container that was told to end', [], { state: { terminated: { exitCode: 0 } }, restartCount: 0 }],
    ['trouble of another pod', [event('Unhealthy', 'Liveness probe failed', { name: 'other' }, 9)], {}],
  ])('is not %s', (_, events, state) => {
    expect(ofPod(container({ state: { running: {} }, ...state }, 'Running'), ...events)).toBeUndefined();
  });

  it('is not what pods suffer from that are going, or are of the version before', () => {
    const broken = waiting('ErrImagePull', 'manifest unknown');
    const going = pod(broken, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(diagnose(app(), children({ pods: [going, pod(broken, {}, 'shop-1')] }))).toBeUndefined();
    expect(diagnose(app(), children({ pods: [pod(broken)], deployment: deployment([], 4) }))).toBeUndefined();
  });

  it('is at last what stalls it', () => {
    const stalled = [condition('Stalled', 'True', 'ProgressDeadlineExceeded', 'too long')];
    expect(diagnose(app(stalled), children({}))).toMatchObject({ reason: 'ProgressDeadlineExceeded', isFinal: true });
  });
});
