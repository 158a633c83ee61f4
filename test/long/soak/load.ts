// Clients that do one random thing after the other until they are told to stop.
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTIONS, LOOP, type Action } from './actions.ts';

/** More than the threads of a small machine can serve at once. */
const CLIENTS = 12;

/** Milliseconds between the loops that are stopped by force. */
const LOOP_EVERY = 10_000;

/** No request takes longer: ten times the limit of the app. */
const PATIENCE_MS = 20_000;

const overdue = async (): Promise<string> => {
  await sleep(PATIENCE_MS, undefined, { ref: false });
  return 'no answer in time';
};

export interface Tally {
  /** By name of the action. */
  readonly done: Map<string, number>;
  /** What was not as it had to be. */
  readonly wrong: string[];
}

/** Loads `port` for that long; resolves when the last request has ended. */
export async function loadFor(port: number, milliseconds: number, random: () => number, tally: Tally): Promise<void> {
  const until = performance.now() + milliseconds;
  const client = async (pick: () => Action, pause: () => number): Promise<void> => {
    while (performance.now() < until) {
      const { name, act } = pick();
      const wrong = await Promise.race([act(port, random).catch((error: unknown) => String(error)), overdue()]);
      tally.done.set(name, (tally.done.get(name) ?? 0) + 1);
      if (wrong !== undefined) {
        tally.wrong.push(`${name}: ${wrong}`);
      }
      await sleep(pause());
    }
  };
  const mixed = Array.from({ length: CLIENTS }, () =>
    client(
      () => weighted(random()),
      () => random() * 10,
    ),
  );
  const loops = client(
    () => LOOP,
    () => Math.min(LOOP_EVERY, Math.max(0, until - performance.now())),
  );
  await Promise.all([...mixed, loops]);
}

const TOTAL = ACTIONS.reduce((sum, { weight }) => sum + weight, 0);

function weighted(random: number): Action {
  let left = random * TOTAL;
  for (const action of ACTIONS) {
    left -= action.weight;
    if (left < 0) {
      return action;
    }
  }
  return LOOP;
}

/** Marsaglia's xorshift: the same load for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
