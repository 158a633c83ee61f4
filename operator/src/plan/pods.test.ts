import { describe, expect, it } from 'vitest';
import {
  eventProblem,
  imageDigestOf,
  pinnedDigest,
  podProblem,
  rolloutProblem,
  silentPod,
  type PodSeen,
} from './pods.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;

type Container = NonNullable<NonNullable<PodSeen['status']>['containerStatuses']>[number];

const pod = (name: string, container: Partial<Container>): PodSeen => ({
  metadata: { name },
  status: { phase: 'Pending', containerStatuses: [{ name: 'hello', ...container }] },
});
const waiting = (reason: string, message?: string): Partial<Container> => ({
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
});
const told = (pods: readonly PodSeen[]): string | undefined => {
  const problem = podProblem(pods);
  return problem === undefined ? undefined : `${problem.reason} ${problem.field}: ${problem.message}`;
};

describe('why pods do not start', () => {
  it.each<[string, Partial<Container>, string | undefined]>([
    [
      'an image that is not there',
      waiting('ErrImagePull', 'rpc error: code = NotFound desc = failed to pull: v9: not found\nmore'),
      'ImagePullFailed pod a: rpc error: code = NotFound desc = failed to pull: v9: not found',
    ],
    [
      'the same while the kubelet waits, with the error',
      waiting('ImagePullBackOff', 'Back-off pulling image "hello:v9": ErrImagePull: v9: not found'),
      'ImagePullFailed pod a: v9: not found',
    ],
    [
      'the same as older kubelets say it',
      waiting('ImagePullBackOff', 'Back-off pulling image "hello:v9"'),
      'ImagePullFailed pod a: ImagePullBackOff',
    ],
    [
      'a Secret that is not there',
      waiting('CreateContainerConfigError', 'secret "own" not found'),
      'ContainerCannotStart pod a: secret "own" not found',
    ],
    [
      'a container that ends again and again, by the line with the error',
      {
        ...waiting('CrashLoopBackOff', 'back-off 40s restarting failed container'),
        lastState: {
          terminated: { exitCode: 1, reason: 'Error', message: 'loading\nError: no such component\n  at x\n' },
        },
      },
      'CrashLooping pod a: the container ended with exit code 1 (Error): Error: no such component',
    ],
    [
      'a container that uses too much memory',
      { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      'CrashLooping pod a: the container ended with exit code 137 (OOMKilled)',
    ],
    ['a container that is being made', waiting('ContainerCreating'), undefined],
    [
      'a container that had ended once and is ready again',
      { ready: true, lastState: { terminated: { exitCode: 1 } } },
      undefined,
    ],
    ['a container that was told to end', { state: { terminated: { exitCode: 0 } } }, undefined],
  ])('%s', (_what, container, text) => {
    expect(told([pod('a', container)])).toBe(text);
  });

  it('no node for it', () => {
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    expect(told([{ metadata: { name: 'a' }, status: { conditions } }])).toBe(`PodsUnschedulable pod a: ${message}`);
  });

  it('is told of the first pod by name that cannot start and is not on its way out', () => {
    const failing = pod('b', waiting('ErrImagePull', 'gone'));
    const leaving = { ...pod('a', waiting('ErrImagePull', 'x')), metadata: { name: 'a', deletionTimestamp: 'now' } };
    expect(told([pod('c', waiting('ErrImagePull', 'x')), failing, leaving, pod('0', {})])).toBe(
      'ImagePullFailed pod b: gone',
    );
  });

  it('has at most one line of a table', () => {
    expect(podProblem([pod('a', waiting('ErrImagePull', 'x'.repeat(2000)))])?.message).toHaveLength(500);
  });
});

describe('a pod that says nothing', () => {
  const silent: PodSeen = {
    metadata: { name: 'a' },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] },
  };

  it('is one that a node has and that has not begun', () => {
    expect(silentPod([{ metadata: { name: 'b' }, status: { phase: 'Running' } }, silent])).toBe(silent);
    expect(silentPod([{ metadata: { name: 'b' }, status: { phase: 'Pending' } }])).toBeUndefined();
  });

  it.each([
    [
      'FailedCreatePodSandBox',
      'Failed to create pod sandbox: rpc error: no runtime for "spin" is configured',
      'RuntimeClassMissing',
    ],
    ['FailedCreatePodSandBox', 'plugin type="loopback" failed', 'PodsNotStarted'],
    ['FailedMount', 'MountVolume.SetUp failed for volume "data" : configmap "x" not found', 'VolumeMountFailed'],
    ['Pulled', 'Container image already present', undefined],
  ])('is spoken for by its newest event %s: %s', (reason, note, problem) => {
    expect(eventProblem(silent, { reason, note })?.reason).toBe(problem);
  });
});

describe('pods that cannot be made', () => {
  it.each([
    [
      'pods "hello-1" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2',
      'QuotaExceeded',
    ],
    ['pods "hello-1" is forbidden: pod rejected: RuntimeClass "spin" not found', 'RuntimeClassMissing'],
    ['pods "hello-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true', 'Forbidden'],
    ['admission webhook "a.b" denied the request: no', 'Forbidden'],
    ['Internal error occurred', 'PodsNotCreated'],
  ])('are told by their Deployment: %s', (message, reason) => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True' as const, reason: 'FailedCreate', message }];
    const rollout = { conditions, observed: true, desired: 1, updated: 0, ready: 0, total: 0 };
    expect(rolloutProblem(rollout)).toMatchObject({ reason, message });
  });
});

describe('the digest of an image', () => {
  const ready = (name: string, imageID: string): PodSeen => pod(name, { ready: true, imageID });

  it.each<[string, readonly PodSeen[], string | undefined]>([
    ['of containerd', [ready('a', `ghcr.io/example/hello@${DIGEST}`)], DIGEST],
    ['of Docker', [ready('a', `docker-pullable://hello@${DIGEST}`), ready('b', `hello@${DIGEST}`)], DIGEST],
    ['of a node without a registry, which has only the id of a configuration', [ready('a', DIGEST)], undefined],
    ['of pods that run two', [ready('a', `x@${DIGEST}`), ready('b', `x@${OTHER}`)], undefined],
    ['of pods of which one does not say it', [ready('a', `x@${DIGEST}`), ready('b', '')], undefined],
    ['of pods that are not ready', [pod('a', { imageID: `x@${DIGEST}` })], undefined],
    ['of no pods', [], undefined],
  ])('%s', (_what, pods, digest) => {
    expect(imageDigestOf(pods, 'hello')).toBe(digest);
  });

  it('is that of the reference where it has one', () => {
    expect(pinnedDigest({ image: `ghcr.io/example/hello:v1@${DIGEST}` })).toBe(DIGEST);
    expect(pinnedDigest({ image: 'ghcr.io/example/hello:v1' })).toBeUndefined();
  });
});
