// What every running trigger of an app is to the thread that serves it.
import type { RunningCalls } from './running-calls.ts';

export interface Trigger {
  /** Takes nothing new from now on; resolves, within `deadlineMs`, when what had come by then is under way. */
  stopTaking(deadlineMs: number): Promise<void>;
  /** Its calls have ended, `ended` of all by force. Resolves when nothing of the trigger is left. */
  close(ended: number, deadlineMs: number): Promise<void>;
}

/** Lets what is under way finish for `deadlineMs`, then ends what is left. Resolves to the number of calls that had to be. */
export async function stopTriggers(
  triggers: readonly Trigger[],
  calls: RunningCalls,
  deadlineMs: number,
): Promise<number> {
  await Promise.all(triggers.map((trigger) => trigger.stopTaking(deadlineMs)));
  const ended = await calls.drain(deadlineMs);
  await Promise.all(triggers.map((trigger) => trigger.close(ended, deadlineMs)));
  calls.close();
  return ended;
}

/** A trigger that fetches what it calls guests for; it lives in one thread of the process, so that each message comes once. */
export interface MessageTrigger extends Trigger {
  /** Lines for the start-up text. */
  readonly announcement: readonly string[];
}
