// Waits until a program of a cluster answers, and tells what it said when it does not.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Awaited {
  readonly name: string;
  readonly logFile: string;
  readonly hasEnded: () => boolean;
  readonly isReady: () => Promise<boolean>;
}

/** Programs of Kubernetes are slow to start on a busy machine; nothing that works comes near it. */
const START_DEADLINE_MS = 90_000;
const LOOK_AGAIN_MS = 50;
const MAX_LOG_CHARACTERS = 4_000;

export async function untilReady({ name, logFile, hasEnded, isReady }: Awaited): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await isReady())) {
    const gone = hasEnded();
    if (gone || Date.now() > deadline) {
      const log = await readFile(logFile, 'utf8');
      throw new Error(`${name} ${gone ? 'ended' : 'was not ready in time'}:\n${log.slice(-MAX_LOG_CHARACTERS)}`);
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Whether it does not fail. */
export async function succeeds(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    // expected: not yet.
    return false;
  }
}
