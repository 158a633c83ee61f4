// Which faults are made in which scenario: every write and, up to a bound, every event of a watch, with every action; listed,
// not drawn by lot. Pure.
import type { Fault, WatchFault, WriteFault } from '../proxy/types.ts';
import type { TracedWrite } from '../proxy/types.ts';

export interface Recorded {
  readonly writes: readonly TracedWrite[];
  /** Events by resource. */
  readonly events: ReadonlyMap<string, number>;
  /** The operator is there before the scenario acts, and to its end. */
  readonly isRunning: boolean;
}

export interface Plan {
  readonly scenario: string;
  /** `image · write 2 · kill-after` */
  readonly name: string;
  readonly fault: Fault;
}

const WRITE_ACTIONS: readonly WriteFault['action'][] = [
  { kind: 'kill-before' },
  { kind: 'kill-after' },
  { kind: 'lose-reply' },
  { kind: 'answer', status: 409 },
  { kind: 'answer', status: 429 },
  { kind: 'answer', status: 500 },
  { kind: 'answer', status: 503 },
];
const WATCH_ACTIONS: readonly WatchFault['action'][] = [
  { kind: 'drop' },
  { kind: 'cut' },
  { kind: 'freeze' },
  { kind: 'expire' },
];
/** Of each resource; what comes later in a scenario is the echo of these. */
const MAX_EVENTS = 2;

/** What the operator lists. */
const LISTED = ['spinapps', 'spinappexecutors', 'deployments', 'services', 'secrets', 'configmaps'];

export function plansOf(scenario: string, { writes, events, isRunning }: Recorded): Plan[] {
  return [
    ...writes.flatMap(({ number }) =>
      WRITE_ACTIONS.map((action) => ({
        scenario,
        name: `${scenario} · write ${number} · ${action.kind === 'answer' ? action.status : action.kind}`,
        fault: { write: number, action },
      })),
    ),
    ...[...events].flatMap(([resource, count]) =>
      Array.from({ length: Math.min(count, MAX_EVENTS) }, (_, index) => index + 1).flatMap((event) =>
        // What an operator reads at its start is a list, which no server tells in part.
        WATCH_ACTIONS.filter(({ kind }) => isRunning || kind !== 'drop').map((action) => ({
          scenario,
          name: `${scenario} · event ${event} of ${resource} · ${action.kind}`,
          fault: { resource, event, action },
        })),
      ),
    ),
    ...(isRunning ? LISTED : [])
      .filter((resource) => events.has(resource))
      .map((resource) => ({
        scenario,
        name: `${scenario} · stale list of ${resource} after a restart`,
        fault: { staleList: resource },
      })),
  ];
}

/** Every plan once, in an order that the seed gives (Fisher–Yates over mulberry32). */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = generator(seed);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
