// The smallest change that makes a live status say what the plan says. What others write into it stays.
import { isDeepStrictEqual } from 'node:util';
import type { Condition, SpinAppExecutorStatus, SpinAppStatus } from '@spindle/api';

/** Written by the operator, and so removed by it: a field that the plan leaves out says something that is over. */
const OWN_FIELDS = [
  'observedGeneration',
  'conditions',
  'activeScheduler',
  'replicas',
  'readyReplicas',
  'selector',
  'deploymentName',
  'serviceName',
  'url',
  'imageDigest',
  'lastError',
] as const satisfies readonly (keyof SpinAppStatus)[];

/** A merge patch (RFC 7386) of the status; undefined when nothing differs. */
export function statusPatch(
  planned: SpinAppStatus,
  live: SpinAppStatus | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const wanted: SpinAppStatus = {
    ...planned,
    conditions: withOthers(planned.conditions ?? [], live?.conditions ?? []),
  };
  const changes = OWN_FIELDS.filter((field) => !isDeepStrictEqual(wanted[field], live?.[field]));
  return changes.length === 0 ? undefined : Object.fromEntries(changes.map((field) => [field, wanted[field] ?? null]));
}

/** A merge patch of an executor's status; undefined when nothing differs. */
export function executorStatusPatch(
  { observedGeneration, conditions = [] }: SpinAppExecutorStatus,
  live: SpinAppExecutorStatus | undefined,
): Readonly<Record<string, unknown>> | undefined {
  // What is over is ours too.
  const others = (live?.conditions ?? []).filter(({ type }) => type !== 'Terminating');
  const wanted = withOthers(conditions, others);
  return observedGeneration === live?.observedGeneration && isDeepStrictEqual(wanted, live?.conditions)
    ? undefined
    : { observedGeneration, conditions: wanted };
}

/** A list is replaced as a whole, so that what others have in it has to be said again. */
function withOthers(planned: readonly Condition[], live: readonly Condition[]): readonly Condition[] {
  const others = live.filter(({ type }) => planned.every((one) => one.type !== type));
  const wanted = [...planned, ...others];
  // The order means nothing.
  const isSame =
    wanted.length === live.length &&
    wanted.every((one) =>
      isDeepStrictEqual(
        one,
        live.find(({ type }) => type === one.type),
      ),
    );
  return isSame ? live : wanted;
}
