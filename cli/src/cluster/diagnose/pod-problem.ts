// What keeps one pod from being ready, from its status and its events. Pure.
import { counted } from '../output/counted.ts';
import type { ContainerStatus, Event, Pod } from '../resources.ts';

/** Why something is not ready. */
export interface Problem {
  /** For programs: that of a condition, or of what is wrong with a pod. */
  readonly reason: string;
  readonly message: string;
  /** A whole sentence with the next command in it. */
  readonly next: string;
  /** Waiting longer is in vain. */
  readonly isFinal: boolean;
}

/** The image itself is wrong: the kubelet would go on to try. */
const HOPELESS_PULL =
  /manifest unknown|not found|name unknown|invalid reference|no match for platform|unsupported|repository does not exist/i;
const LOGIN_PULL = /unauthorized|authentication required|denied|403 Forbidden|401/i;

/** Probes fail while an app is fetched and prepared: so often it is no news. The kubelet asks each second at the start. */
const STARTUP_FAILURES = 15;
const OTHER_FAILURES = 2;

/** A container that has failed so often does not fail by chance. */
const FINAL_RESTARTS = 3;

export function podProblem(pod: Pod, events: readonly Event[]): Problem | undefined {
  const [container] = pod.status?.containerStatuses ?? [];
  return (
    ofContainer(container, events) ??
    ofSandbox(pod, events) ??
    ofScheduling(pod) ??
    ofProbe(container, events) ??
    undefined
  );
}

function ofContainer(container: ContainerStatus | undefined, events: readonly Event[]): Problem | undefined {
  const { reason = '', message = '' } = container?.state?.waiting ?? {};
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ImageInspectError':
    case 'RegistryUnavailable':
      return ofPull(pullMessage(message, events));
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return {
        reason: 'ImagePullFailed',
        message: message || reason,
        next: 'Deploy an image that exists.',
        isFinal: true,
      };
    case 'CreateContainerConfigError':
      return {
        reason: 'ContainerConfigInvalid',
        message: message || reason,
        next: 'Create the Secret or ConfigMap that it names, or correct the variable.',
        isFinal: true,
      };
    case 'CreateContainerError':
    case 'RunContainerError':
      return {
        reason: 'ContainerNotCreated',
        message: message || reason,
        next: "Look at the node's runtime: the image may be no Spin app, or of another architecture.",
        isFinal: true,
      };
    default:
      return ofCrash(container);
  }
}

/** Back-off says nothing of why; the last event of the pull does. */
function pullMessage(waiting: string, events: readonly Event[]): string {
  const failed = events.findLast(
    ({ reason, message = '' }) => reason === 'Failed' && message.includes('pull'),
  )?.message;
  return waiting.startsWith('Back-off') || waiting === '' ? (failed ?? waiting) : waiting;
}

function ofPull(message: string): Problem {
  const next = LOGIN_PULL.test(message)
    ? 'Give the cluster a login: "kubectl create secret docker-registry", then --image-pull-secret.'
    : 'Push the image ("registry push"), or deploy one that exists.';
  return { reason: 'ImagePullFailed', message, next, isFinal: HOPELESS_PULL.test(message) || LOGIN_PULL.test(message) };
}

function ofCrash(container: ContainerStatus | undefined): Problem | undefined {
  const { restartCount = 0, state, lastState } = container ?? {};
  const ended = state?.terminated ?? lastState?.terminated;
  // Ended well and not started again: it was told to.
  if (ended === undefined || container?.ready === true || (ended.exitCode === 0 && restartCount === 0)) {
    return undefined;
  }
  const said = errorLine(ended.message ?? '');
  const how =
    ended.reason === 'OOMKilled'
      ? 'it used more memory than its limit'
      : `it ended with exit code ${ended.exitCode ?? 1}`;
  return {
    reason: ended.reason === 'OOMKilled' ? 'OutOfMemory' : 'CrashLooping',
    message: `${how}${restartCount === 0 ? '' : `, ${counted(restartCount, 'restart')}`}${said ? `: ${said}` : ''}`,
    next: ended.reason === 'OOMKilled' ? 'Raise spec.resources.limits.memory.' : afterCrash(said),
    isFinal: restartCount >= FINAL_RESTARTS,
  };
}

/** The kernel says so of a program for another machine (ENOEXEC). */
const afterCrash = (said: string | undefined): string =>
  said?.includes('exec format error') === true
    ? "Take an image of the nodes' architecture: this one is of another architecture."
    : 'Read what it said: run "logs --previous".';

/** The message may be the end of a log, and an error's own line be followed by what to do about it. */
function errorLine(message: string): string | undefined {
  const lines = message.trim().split('\n');
  return lines.find((line) => /error|fatal|panic/i.test(line)) ?? lines.at(-1);
}

function ofSandbox(pod: Pod, events: readonly Event[]): Problem | undefined {
  const failed = isRunning(pod)
    ? undefined
    : events.findLast(({ reason }) => reason === 'FailedCreatePodSandBox')?.message;
  if (failed === undefined) {
    const mount = isRunning(pod) ? undefined : events.findLast(({ reason }) => reason === 'FailedMount')?.message;
    return mount === undefined
      ? undefined
      : {
          reason: 'VolumeNotMounted',
          message: mount,
          next: 'Create the Secret or volume that it names.',
          isFinal: false,
        };
  }
  const isHandler = /no runtime for|runtime handler|RuntimeHandler/i.test(failed);
  return isHandler
    ? {
        reason: 'RuntimeClassMissing',
        message: failed,
        next: 'The node has no such runtime: install the shim there, or choose another executor.',
        isFinal: true,
      }
    : {
        reason: 'SandboxNotCreated',
        message: failed,
        next: 'Look at the node: "kubectl describe node".',
        isFinal: false,
      };
}

const isRunning = ({ status }: Pod): boolean => status?.phase === 'Running';

function ofScheduling({ status }: Pod): Problem | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False'
    ? {
        reason: 'PodsUnschedulable',
        message: scheduled.message ?? 'no node takes the pod',
        next: 'Make room or ask for less: "kubectl describe nodes".',
        isFinal: false,
      }
    : undefined;
}

function ofProbe(container: ContainerStatus | undefined, events: readonly Event[]): Problem | undefined {
  const unhealthy = events.findLast(({ reason }) => reason === 'Unhealthy');
  const { message = '', count = 1 } = unhealthy ?? {};
  const isNews = count >= (message.startsWith('Startup') ? STARTUP_FAILURES : OTHER_FAILURES);
  return unhealthy === undefined || !isNews || container?.ready !== false
    ? undefined
    : { reason: 'ProbeFailing', message, next: 'Read what the app says: run "logs".', isFinal: false };
}
