// What the API server says no to, as a problem for the status. Whatever goes by itself is none: a race, a server in trouble,
// a term as leader that is over.
import { ApiError } from '@spindle/kube';
import type { Problem } from '../plan/index.ts';

/** What was being written when it was refused. */
export type WrittenKind = 'Secret' | 'Deployment' | 'Service';

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  /** Only a change of something helps, and not of everything that could change we hear. */
  readonly retry = { afterMs: RETRY_MS };

  constructor(problem: Problem, cause?: unknown) {
    super(problem.message, { cause });
    this.problem = problem;
  }
}

/** Somebody raises a quota, grants a role, removes a webhook: none of it is watched here. */
const RETRY_MS = 60_000;

/** A namespace that goes takes nothing in any more, and the app goes with it. */
export const isTerminating = (error: unknown): boolean =>
  error instanceof ApiError && error.causes.some(({ reason }) => reason === 'NamespaceTerminating');

/** Undefined when trying again is all that is to be done. */
export function refusalOf(error: unknown, kind: WrittenKind): Refused | undefined {
  if (error instanceof Refused) {
    return error;
  }
  if (!(error instanceof ApiError) || isTerminating(error)) {
    return undefined;
  }
  const problem = (reason: Problem['reason'], remedy: string): Refused =>
    new Refused(
      {
        reason,
        field: error.causes[0]?.field || `the ${kind}`,
        message: `the API server refuses the ${kind}: ${sentence(error.message)} ${remedy}`,
        kind: 'stalled',
      },
      error,
    );
  if (error.status === 403) {
    return error.message.includes('exceeded quota')
      ? problem('QuotaExceeded', 'Raise the quota of the namespace, or ask for less.')
      : problem('Forbidden', 'Change what refuses it: a role, a policy or an admission webhook.');
  }
  return error.status === 400 || error.status === 422
    ? problem('ObjectRefused', 'Change the field of the app that it comes from.')
    : undefined;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Somebody has fields that we want, and we did not know of it. */
export const isClaimed = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.status === 409 &&
  error.causes.some(({ reason }) => reason === 'FieldManagerConflict');
