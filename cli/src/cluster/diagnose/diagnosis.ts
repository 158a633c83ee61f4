// Why an app is not ready: the first cause that is found, from the app down to its pods. Pure.
import type { Deployment, Event, LiveApp, Pod } from '../resources.ts';
import { conditionOf, isObserved } from '../app/view.ts';
import { isOf, type Children } from './children.ts';
import { podProblem, type Problem } from './pod-problem.ts';

export interface Diagnosis extends Problem {
  /** The pod that it was seen at. */
  readonly pod?: string;
}

/** Undefined when nothing is wrong, as far as can be seen: it is under way, or ready. */
export function diagnose(app: LiveApp, children: Children): Diagnosis | undefined {
  return ofSpec(app) ?? ofDeployment(app, children) ?? ofPods(app, children);
}

/** A problem that the operator has found: its message says what to do. */
const OPERATOR_REASONS: Readonly<Record<string, string>> = {
  ExecutorNotFound: 'Create the SpinAppExecutor, or choose another with --executor: "kubectl get spinappexecutors".',
  ExecutorInvalid: 'Correct the SpinAppExecutor: "kubectl edit spinappexecutor".',
  SpecInvalid: 'Correct that field of the app.',
  RuntimeConfigInvalid: 'Correct spec.runtimeConfig.',
  SecretNotFound: 'Create the Secret: "kubectl create secret generic".',
  ConfigMapNotFound: 'Create the ConfigMap: "kubectl create configmap".',
  DeploymentConflict: 'Delete that Deployment, or deploy under another name.',
  ServiceConflict: 'Delete that Service, or deploy under another name.',
  SecretConflict: 'Delete that Secret, or deploy under another name.',
  ObjectRefused: 'Correct the field that the message names.',
  QuotaExceeded: 'Raise the quota of the namespace ("kubectl describe quota"), or ask for less.',
  Forbidden: 'Run "check": the operator lacks a permission, or a policy refuses.',
};

function ofSpec(app: LiveApp): Diagnosis | undefined {
  if (!isObserved(app)) {
    return undefined;
  }
  const ready = conditionOf(app, 'Ready');
  const next = ready === undefined ? undefined : OPERATOR_REASONS[ready.reason];
  if (ready === undefined || ready.status === 'True' || next === undefined) {
    return undefined;
  }
  return { reason: ready.reason, message: ready.message, next, isFinal: true };
}

/** What keeps pods from being made at all. Events of an older ReplicaSet, or of one that has pods by now, are over. */
function ofDeployment(app: LiveApp, { deployment, replicaSets, pods, events }: Children): Diagnosis | undefined {
  const newest = replicaSets[0]?.metadata.name;
  const hasPods = pods.some(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === newest));
  const failure = deployment?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  const event = events.findLast(
    ({ reason, involvedObject: of }) => reason === 'FailedCreate' && of?.kind === 'ReplicaSet' && of.name === newest,
  );
  const message = failure?.message ?? (hasPods ? undefined : event?.message);
  return message === undefined || isReady(app) ? undefined : ofRefusedPod(message);
}

const isReady = (app: LiveApp): boolean => conditionOf(app, 'Ready')?.status === 'True' && isObserved(app);

function ofRefusedPod(message: string): Diagnosis {
  const because = (reason: string, next: string): Diagnosis => ({ reason, message, next, isFinal: true });
  if (message.includes('exceeded quota')) {
    return because('QuotaExceeded', 'Raise the quota of the namespace ("kubectl describe quota"), or ask for less.');
  }
  if (message.includes('violates PodSecurity')) {
    return because(
      'PodSecurityViolated',
      'Use an executor whose pods are restricted (Spindle\'s own, "node", makes such), or another namespace.',
    );
  }
  if (/RuntimeClass "?[^"]*"? not found|runtimeclass/i.test(message)) {
    return because(
      'RuntimeClassMissing',
      'Create the RuntimeClass, or choose an executor that needs none: run "check".',
    );
  }
  if (/serviceaccount .* not found/i.test(message)) {
    return because('ServiceAccountNotFound', 'Create the service account: "kubectl create serviceaccount".');
  }
  return because('PodsRefused', 'Change what refuses the pods, or ask whoever set it.');
}

function ofPods(app: LiveApp, children: Children): Diagnosis | undefined {
  for (const pod of currentPods(children)) {
    const problem = podProblem(pod, eventsOf(pod, children.events));
    if (problem !== undefined) {
      return { ...problem, pod: pod.metadata.name ?? '' };
    }
  }
  const stalled = conditionOf(app, 'Stalled');
  return stalled?.status === 'True' && isObserved(app)
    ? { reason: stalled.reason, message: stalled.message, next: 'Look at the pods: run "status".', isFinal: true }
    : undefined;
}

/** What was wrong with pods that are being replaced says nothing of those that replace them. */
function currentPods({ deployment, replicaSets: [newest], pods }: Children): readonly Pod[] {
  // Who may not see Deployments sees all pods as current.
  if (deployment !== undefined && !isActedOn(deployment)) {
    return [];
  }
  return pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && (newest === undefined || isOf(pod, newest.metadata.name)),
  );
}

const isActedOn = ({ metadata, status }: Deployment): boolean =>
  status?.observedGeneration !== undefined && status.observedGeneration >= (metadata.generation ?? 0);

const eventsOf = ({ metadata }: Pod, events: readonly Event[]): readonly Event[] =>
  events.filter(({ involvedObject }) => involvedObject?.kind === 'Pod' && involvedObject.name === metadata.name);
