// Of the pods of an app's newest ReplicaSet, what a status tells: why they do not start, and which image they run.
import type { SpinAppSpec } from '@spindle/api';
import type { Rollout } from './conditions.ts';
import type { Problem } from './problem.ts';

/** As much of core/v1 Pod as is read. */
export interface PodSeen {
  readonly metadata: { readonly name?: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly imageID?: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason?: string;
    readonly message?: string;
  };
}

/** An event of a pod that says nothing of itself yet. */
export interface PodEvent {
  readonly reason: string;
  readonly note: string;
}

/** Why the first pod that cannot start does not; undefined when nothing is said of that. */
export function podProblem(pods: readonly PodSeen[]): Problem | undefined {
  return inOrder(pods)
    .map((pod) => problemOf(pod))
    .find((problem) => problem !== undefined);
}

/** The pod whose events may say why it has not begun: its node has it, and it says nothing itself. */
export const silentPod = <P extends PodSeen>(pods: readonly P[]): P | undefined =>
  inOrder(pods).find(
    ({ status }) =>
      status?.phase === 'Pending' &&
      status.conditions?.some((one) => one.type === 'PodScheduled' && one.status === 'True') === true,
  );

/** What the newest of a pod's events means. */
export function eventProblem(pod: PodSeen, { reason, note }: PodEvent): Problem | undefined {
  switch (reason) {
    case 'FailedCreatePodSandBox':
      return of(
        pod,
        /RuntimeHandler|runtime handler|no runtime for/i.test(note) ? 'RuntimeClassMissing' : 'PodsNotStarted',
        note,
      );
    case 'FailedMount':
    case 'FailedAttachVolume':
      return of(pod, 'VolumeMountFailed', note);
    default:
      return undefined;
  }
}

/** What a Deployment tells of pods that could not even be made. */
export function rolloutProblem({ conditions }: Rollout): Problem | undefined {
  const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  if (failure === undefined) {
    return undefined;
  }
  const { message } = failure;
  const reason = message.includes('exceeded quota')
    ? 'QuotaExceeded'
    : /RuntimeClass "[^"]*" not found/.test(message)
      ? 'RuntimeClassMissing'
      : message.includes('is forbidden') || message.includes('denied the request')
        ? 'Forbidden'
        : 'PodsNotCreated';
  return { reason, field: 'the pods', message: firstLine(message), kind: 'wait' };
}

/** What all of the pods run; undefined when that is not one thing, or not said. */
export function imageDigestOf(pods: readonly PodSeen[], container: string): string | undefined {
  const digests = new Set(
    inOrder(pods).flatMap(({ status }) =>
      (status?.containerStatuses ?? [])
        .filter(({ name, ready }) => name === container && ready === true)
        .map(({ imageID = '' }) => digestIn(imageID)),
    ),
  );
  const [digest] = digests;
  return digests.size === 1 ? digest : undefined;
}

/** Of an image that is given by its digest, which no registry can change. */
export const pinnedDigest = ({ image }: SpinAppSpec): string | undefined => digestIn(image);

/** The digest of a manifest follows an `@`; some runtimes give the id of a configuration instead. */
const digestIn = (image: string): string | undefined =>
  /@(?<digest>sha256:[0-9a-f]{64})$/.exec(image)?.groups?.['digest'];

const inOrder = <P extends PodSeen>(pods: readonly P[]): P[] =>
  pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((one, other) => ((one.metadata.name ?? '') < (other.metadata.name ?? '') ? -1 : 1));

/** Reasons of containers that wait (kubelet, pkg/kubelet/images and container). */
const IMAGE_REASONS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
];
const CONTAINER_REASONS = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
  'RunContainerError',
  'StartError',
];

function problemOf(pod: PodSeen): Problem | undefined {
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const unschedulable = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unschedulable !== undefined) {
    return of(pod, 'PodsUnschedulable', unschedulable.message ?? unschedulable.reason ?? '');
  }
  return [...initContainerStatuses, ...containerStatuses]
    .map((container) => containerProblem(pod, container))
    .find((problem) => problem !== undefined);
}

function containerProblem(pod: PodSeen, { ready, state, lastState }: ContainerStatus): Problem | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (IMAGE_REASONS.includes(reason)) {
    return of(pod, 'ImagePullFailed', pullError(message) || reason);
  }
  if (CONTAINER_REASONS.includes(reason)) {
    return of(pod, 'ContainerCannotStart', message || reason);
  }
  const ended = state?.terminated ?? lastState?.terminated;
  // The back-off itself is no reason: how the container ended is, and stays the same while the waiting grows.
  return ready !== true && ended !== undefined && (ended.exitCode !== 0 || reason === 'CrashLoopBackOff')
    ? of(pod, 'CrashLooping', endOf(ended))
    : undefined;
}

function endOf({ exitCode, reason, message = '' }: NonNullable<ContainerState['terminated']>): string {
  const how = `the container ended with exit code ${exitCode}${reason === undefined ? '' : ` (${reason})`}`;
  const line = errorLine(message);
  return line === '' ? how : `${how}: ${line}`;
}

/** Kubelets say `Back-off pulling image "…"` and the error in turn, newer ones both at once. */
const pullError = (message: string): string =>
  message.replace(/^Back-off pulling image "[^"]*"(: ErrImagePull)?(: )?/, '');

/** A termination message may be the end of a log. */
function errorLine(text: string): string {
  const lines = linesOf(text);
  return lines.find((line) => /error|fatal|panic|fail/i.test(line)) ?? lines.at(-1) ?? '';
}

const firstLine = (text: string): string => (linesOf(text)[0] ?? '').slice(0, MAX_LINE);

/** A table shows it. */
const MAX_LINE = 500;

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const of = (pod: PodSeen, reason: Problem['reason'], text: string): Problem => ({
  reason,
  field: `pod ${pod.metadata.name ?? ''}`,
  message: firstLine(text),
  // Somebody pushes the image, adds a node, mends the database: pods then start by themselves.
  kind: 'wait',
});
