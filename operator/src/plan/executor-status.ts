// The status of an executor: whether apps can run by it, and which apps keep it from being deleted (control-plane contract
// §2.8, where upstream tells only an event).
import type { Condition, SpinAppExecutor, SpinAppExecutorStatus } from '@spindle/api';
import { executionOf } from './executor.ts';

export interface ExecutorStatusInputs {
  readonly executor: SpinAppExecutor;
  /** Names of the apps that need it; empty while nobody deletes it. */
  readonly blockedBy: readonly string[];
  /** RFC 3339, seconds. */
  readonly now: string;
}

type Draft = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

export function executorStatusOf({ executor, blockedBy, now }: ExecutorStatusInputs): SpinAppExecutorStatus {
  const generation = executor.metadata.generation ?? 0;
  const before = executor.status?.conditions ?? [];
  const drafts = [readyOf(executor), ...(blockedBy.length === 0 ? [] : [blocked(blockedBy)])];
  return {
    observedGeneration: generation,
    conditions: drafts.map((draft) => {
      const old = before.find(({ type }) => type === draft.type);
      return {
        ...draft,
        observedGeneration: generation,
        lastTransitionTime: old?.status === draft.status ? old.lastTransitionTime : now,
      };
    }),
  };
}

/** Which image the operator itself would take does not matter here. */
const ANY_IMAGE = '';

function readyOf(executor: SpinAppExecutor): Draft {
  const type = 'Ready';
  return executionOf(executor.spec, ANY_IMAGE) === undefined
    ? {
        type,
        status: 'False',
        reason: 'ExecutorInvalid',
        message:
          'spec.deploymentConfig: it makes Deployments and does not say how. Give runtimeClassName, spinImage or node.',
      }
    : { type, status: 'True', reason: 'Accepted', message: 'Apps of the namespace may name it.' };
}

const blocked = (apps: readonly string[]): Draft => ({
  type: 'Terminating',
  status: 'True',
  reason: 'DependentsExist',
  message: `It goes when no app needs it: ${namesOf(apps)}. Delete them, or give them another executor.`,
});

/** What fits into a line, and into an Event, whose notes have at most 1024 characters. */
const MAX_NAMES = 10;

export function namesOf(apps: readonly string[]): string {
  const shown = apps.toSorted().slice(0, MAX_NAMES).join(', ');
  return apps.length > MAX_NAMES ? `${shown} and ${apps.length - MAX_NAMES} more` : shown;
}
