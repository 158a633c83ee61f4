// Waits until an app is what its spec says, saying what happens meanwhile; ends early when waiting is in vain.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpinApp } from '@spindle/api';
import { conditionOf, isObserved, statusWord, urlOf } from '../app/view.ts';
import { childrenOf, type Children } from '../diagnose/children.ts';
import { diagnose, type Diagnosis } from '../diagnose/diagnosis.ts';
import { cannotBecomeReady, noSuchApp, notReadyInTime } from '../errors.ts';
import type { Progress } from '../output/progress.ts';
import { SPIN_APPS, type LiveApp, type Pod } from '../resources.ts';
import { call, type Session } from '../session.ts';

/** An answer of a nearby API server takes a few milliseconds; a person does not see less than this. */
const POLL_MS = 250;
/** Between looks at everything else that belongs to the app. */
const LOOK_MS = 1000;
/** A cause that lasts so long is none that was just going away. */
const GRACE_MS = 3000;
/** Time for an operator that runs to look at a change. */
const OPERATOR_MS = 10_000;

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly progress: Progress;
  /** What counts as done; ready when absent. */
  readonly isDone?: (app: LiveApp) => boolean;
}

/** The app when it is done. */
export async function waitUntilReady(session: Session, name: string, options: WaitOptions): Promise<LiveApp> {
  const { namespace, client, signal } = session;
  const { timeoutMs, progress, isDone = isReady } = options;
  const begun = performance.now();
  let lastLook = -LOOK_MS;
  let found: Diagnosis | undefined;
  let cause: { readonly reason: string; readonly since: number } | undefined;
  for (;;) {
    const app = await client.find(SPIN_APPS, { namespace, name }, call(session));
    if (app === undefined) {
      throw noSuchApp({ namespace, name }, []);
    }
    const elapsed = performance.now() - begun;
    if (isDone(app)) {
      progress.say('ready', `${doneText(app)}   (${seconds(elapsed)})`, 'good');
      return app;
    }
    if (elapsed - lastLook >= LOOK_MS) {
      lastLook = elapsed;
      const children = await childrenOf(session, app);
      found = diagnose(app, children);
      progress.say('rollout', rolloutText(app, children, found), found?.isFinal === true ? 'bad' : 'waiting');
    }
    cause =
      found === undefined
        ? undefined
        : cause?.reason === found.reason
          ? cause
          : { reason: found.reason, since: elapsed };
    if (found?.isFinal === true && cause !== undefined && elapsed - cause.since >= GRACE_MS) {
      throw cannotBecomeReady({ namespace, name }, causeText(found), found.next);
    }
    if (elapsed >= timeoutMs) {
      const [why, next] = whyNot(app, found, elapsed);
      throw notReadyInTime({ namespace, name }, Math.round(timeoutMs / 1000), why, next);
    }
    await sleep(Math.min(POLL_MS, Math.max(1, timeoutMs - elapsed)), undefined, { signal });
  }
}

const doneText = (app: LiveApp): string =>
  (app.spec.suspend === true ? undefined : urlOf(app)) ?? conditionOf(app, 'Ready')?.message ?? statusWord(app);

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;

/** Of SpinKube's operator, which has no Ready, Available and the number of pods have to do. */
export function isReady(app: LiveApp): boolean {
  if (!isObserved(app)) {
    return false;
  }
  const ready = conditionOf(app, 'Ready');
  if (ready !== undefined) {
    return ready.status === 'True' || ready.reason === 'RunByOthers';
  }
  const { status, spec }: SpinApp = app;
  return conditionOf(app, 'Available')?.status === 'True' && (status?.readyReplicas ?? 0) >= (spec.replicas ?? 1);
}

export const causeText = ({ reason, message, pod }: Diagnosis): string =>
  `${reason}\n  ${pod === undefined ? '' : `pod ${pod}: `}${message}`;

function whyNot(app: LiveApp, found: Diagnosis | undefined, elapsed: number): [why: string, next: string] {
  if (found !== undefined) {
    return [causeText(found), found.next];
  }
  if (!isObserved(app) && elapsed >= OPERATOR_MS) {
    return [
      'no operator has looked at it',
      'Run "check": the operator does not run, or does not watch this namespace.',
    ];
  }
  const { reason = 'Pending', message = '' } = conditionOf(app, 'Ready') ?? {};
  return [`${reason}${message === '' ? '' : `, ${message}`}`, 'It goes on: look again with "status".'];
}

function rolloutText(app: LiveApp, { pods }: Children, found: Diagnosis | undefined): string {
  if (!isObserved(app)) {
    return 'waiting for the operator';
  }
  const ready = `${app.status?.readyReplicas ?? 0}/${app.spec.suspend === true ? 0 : (app.spec.replicas ?? app.status?.replicas ?? 0)} ready`;
  if (found !== undefined) {
    return `${ready} · ${found.reason}: ${found.message}`;
  }
  const [newest] = pods;
  return newest === undefined ? ready : `${ready} · ${podText(newest)}`;
}

function podText({ metadata, status }: Pod): string {
  const [container] = status?.containerStatuses ?? [];
  const state =
    container?.state?.waiting?.reason ?? (container?.state?.running === undefined ? status?.phase : 'started');
  return `pod ${metadata.name} ${state ?? 'Pending'}`;
}
