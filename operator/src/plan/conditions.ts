// Conditions of a SpinApp: Ready sums up, Available and Progressing are upstream's, Stalled says that somebody has to act.
import type { Condition } from '@spindle/api';
import { problemText, type Problem } from './problem.ts';

/** Of a Deployment's status, what conditions are made of. */
export interface Rollout {
  readonly conditions: readonly Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[];
  /** Whether the status speaks of the newest spec. */
  readonly observed: boolean;
  /** Pods that there shall be, of the newest template, and ready. */
  readonly desired: number;
  readonly updated: number;
  readonly ready: number;
  readonly total: number;
}

export interface ConditionInputs {
  readonly generation: number;
  /** Keeps the spec from being acted on. */
  readonly problem: Problem | undefined;
  /** Keeps pods from starting, perhaps. */
  readonly hint: Problem | undefined;
  /** Undefined while there is no Deployment. */
  readonly rollout: Rollout | undefined;
  /** Whether somebody else runs the app. */
  readonly external: boolean;
  /** Whether the spec asks for no pods for a while. */
  readonly suspended: boolean;
  readonly before: readonly Condition[];
  /** RFC 3339, seconds. */
  readonly now: string;
}

type Draft = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

export function conditionsOf(inputs: ConditionInputs): Condition[] {
  const { generation, before, now } = inputs;
  return [readyOf(inputs), progressingOf(inputs), availableOf(inputs), stalledOf(inputs)].map((draft) => {
    const old = before.find(({ type }) => type === draft.type);
    return {
      ...draft,
      observedGeneration: generation,
      lastTransitionTime: old?.status === draft.status ? old.lastTransitionTime : now,
    };
  });
}

function readyOf({ problem, hint, rollout, external, suspended }: ConditionInputs): Draft {
  const type = 'Ready';
  if (problem !== undefined) {
    return { type, status: 'False', reason: problem.reason, message: problemText(problem) };
  }
  if (external) {
    return {
      type,
      status: 'Unknown',
      reason: 'RunByOthers',
      message: 'The executor makes no Deployment: whoever runs the app knows whether it is ready.',
    };
  }
  if (rollout === undefined) {
    return { type, status: 'Unknown', reason: 'DeploymentNotFound', message: 'Deployment not found' };
  }
  const { desired, ready } = rollout;
  if (desired === 0 && rollout.total === 0) {
    if (suspended) {
      return { type, status: 'True', reason: 'Suspended', message: 'No pods, as spec.suspend says.' };
    }
    return { type, status: 'True', reason: 'ScaledToZero', message: 'No pods, as the spec says.' };
  }
  if (isRolledOut(rollout)) {
    return { type, status: 'True', reason: 'Deployed', message: `${ready}/${desired} ready` };
  }
  if (hint !== undefined) {
    return { type, status: 'False', reason: hint.reason, message: problemText(hint) };
  }
  const failed = rollout.conditions.find((one) => one.reason === 'ProgressDeadlineExceeded');
  return failed === undefined
    ? { type, status: 'False', reason: 'RollingOut', message: `${ready}/${desired} ready` }
    : { type, status: 'False', reason: failed.reason, message: failed.message };
}

/** Whether all pods are of the newest template, and ready. */
export const isRolledOut = ({ observed, desired, updated, ready, total }: Rollout): boolean =>
  observed && updated >= desired && ready >= desired && total === updated;

/** A Deployment's own condition where there is one, as upstream copies it. */
function copied(type: 'Available' | 'Progressing', rollout: Rollout | undefined): Draft {
  if (rollout === undefined) {
    return { type, status: 'Unknown', reason: 'DeploymentNotFound', message: 'Deployment not found' };
  }
  const found = rollout.conditions.find((one) => one.type === type);
  return (
    found ?? {
      type,
      status: 'Unknown',
      reason: 'DeploymentNotObserved',
      message: 'The Deployment has not been acted on yet.',
    }
  );
}

function availableOf({ rollout, external }: ConditionInputs): Draft {
  return external ? runByOthers('Available') : copied('Available', rollout);
}

/** Upstream's has no end: a Deployment says "True" of a rollout that is complete. */
function progressingOf({ rollout, external }: ConditionInputs): Draft {
  return external ? runByOthers('Progressing') : copied('Progressing', rollout);
}

const runByOthers = (type: string): Draft => ({
  type,
  status: 'Unknown',
  reason: 'RunByOthers',
  message: 'The executor makes no Deployment.',
});

function stalledOf({ problem, rollout }: ConditionInputs): Draft {
  const type = 'Stalled';
  if (problem?.kind === 'stalled') {
    return { type, status: 'True', reason: problem.reason, message: problemText(problem) };
  }
  const stuck = rollout?.conditions.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
  return stuck === undefined
    ? { type, status: 'False', reason: 'NotStalled', message: '' }
    : { type, status: 'True', reason: stuck.reason, message: stuck.message };
}
