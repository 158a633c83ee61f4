// A SpinApp in few words.
import type { Condition } from '@spindle/api';
import type { LiveApp } from '../resources.ts';
import type { Tone } from '../output/style.ts';

export const conditionOf = (app: LiveApp, type: string): Condition | undefined =>
  app.status?.conditions?.find((one) => one.type === type);

/** Whether the status speaks of the spec of now. SpinKube's operator has no generation in it. */
export const isObserved = ({ metadata, status }: LiveApp): boolean =>
  status?.observedGeneration === undefined ? status !== undefined : status.observedGeneration === metadata.generation;

/** Autoscaled apps have no number of their own: then the one that there is. */
export function readyOf({ spec, status }: LiveApp): string {
  const desired = spec.suspend === true ? 0 : (spec.replicas ?? status?.replicas ?? 0);
  return `${status?.readyReplicas ?? 0}/${desired}`;
}

/** Ready's reason, as the column of `kubectl get`; of SpinKube's operator what its two conditions say. */
export function statusWord(app: LiveApp): string {
  if (app.metadata.deletionTimestamp !== undefined) {
    return 'Deleting';
  }
  if (!isObserved(app)) {
    return 'Pending';
  }
  const ready = conditionOf(app, 'Ready');
  if (ready !== undefined) {
    return ready.reason;
  }
  return conditionOf(app, 'Available')?.status === 'True'
    ? 'Available'
    : (conditionOf(app, 'Progressing')?.reason ?? 'Unknown');
}

export function toneOf(app: LiveApp): Tone {
  const { status } = conditionOf(app, 'Ready') ?? conditionOf(app, 'Available') ?? {};
  if (conditionOf(app, 'Stalled')?.status === 'True') {
    return 'bad';
  }
  return status === 'True' && isObserved(app) ? 'good' : 'waiting';
}

export const urlOf = ({ metadata: { name, namespace = 'default' }, status }: LiveApp): string | undefined =>
  status?.url ?? (status?.serviceName === undefined ? undefined : `http://${name}.${namespace}.svc:80`);

/** Revision of the Deployment, by which `rollback` names versions. */
export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
