// What of a new status is worth an event: a problem that was not there, and an app that has become ready. An old status says
// what was told before, so nothing is told twice, not even after a restart.
import { API_VERSION, type SpinApp, type SpinAppStatus } from '@spindle/api';
import type { Occurrence } from '@spindle/kube';
import { problemText, type Plan, type Problem } from '../plan/index.ts';

export function occurrencesOf(app: SpinApp, { status, problems }: Pick<Plan, 'status' | 'problems'>): Occurrence[] {
  if (!isNews(app.status, status)) {
    return [];
  }
  const regarding = referenceTo(app);
  if (problems.length > 0) {
    return problems.map((problem) => ({ regarding, type: 'Warning', ...wordsOf(app, problem), action: 'Reconcile' }));
  }
  const ready = readyOf(status);
  switch (ready?.status) {
    case 'True':
      return [{ regarding, type: 'Normal', reason: ready.reason, action: 'Reconcile', note: ready.message }];
    case 'False':
      return ready.reason === 'RollingOut'
        ? []
        : [{ regarding, type: 'Warning', reason: ready.reason, action: 'Reconcile', note: ready.message }];
    default:
      return [];
  }
}

/** Numbers of pods go up and down; that is no news of an app that stays what it is. */
function isNews(before: SpinAppStatus | undefined, now: SpinAppStatus): boolean {
  const [was, is] = [readyOf(before), readyOf(now)];
  return before?.lastError !== now.lastError || was?.status !== is?.status || was?.reason !== is?.reason;
}

const readyOf = (status: SpinAppStatus | undefined): NonNullable<SpinAppStatus['conditions']>[number] | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready');

/** Upstream's reason and text come first where it has some (control-plane contract §2.2): alerts are made of them. */
function wordsOf({ metadata, spec }: SpinApp, problem: Problem): Pick<Occurrence, 'reason' | 'note'> {
  return problem.reason === 'ExecutorNotFound'
    ? {
        reason: 'MissingExecutor',
        note: `Could not find SpinAppExecutor ${metadata.namespace}/${spec.executor}: ${problemText(problem)}`,
      }
    : { reason: problem.reason, note: problemText(problem) };
}

function referenceTo({ metadata: { namespace, name, uid, resourceVersion } }: SpinApp): Occurrence['regarding'] {
  return {
    apiVersion: API_VERSION,
    kind: 'SpinApp',
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
