// Which faults are made in which scenario: every write and, up to a bound, every event of a watch, with every action, and
// every list that is refused; listed, not drawn by lot. Pure.
import type { Fault, ReadFault, WatchFault, WriteFault } from '../proxy/types.ts';
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
  /** What it is counted under: `write: kill-after`, `list: 429`. */
  readonly kind: string;
  readonly faults: readonly Fault[];
}

const WRITE_ACTIONS: readonly WriteFault['action'][] = [
  { kind: 'kill-before' },
  { kind: 'kill-after' },
  { kind: 'lose-reply' },
  { kind: 'delay', ms: 2_000 },
  { kind: 'answer', status: 409 },
  { kind: 'answer', status: 410 },
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
const LIST_ACTIONS: readonly ReadFault['action'][] = [
  { kind: 'delay', ms: 2_000 },
  { kind: 'answer', status: 410 },
  { kind: 'answer', status: 429 },
  { kind: 'answer', status: 500 },
  { kind: 'answer', status: 503 },
];
/** Of each resource; what comes later in a scenario is the echo of these. */
const MAX_EVENTS = 2;

/** What the operator lists. */
const LISTED = ['spinapps', 'spinappexecutors', 'deployments', 'services', 'secrets', 'configmaps'];

export function plansOf(scenario: string, { writes, events, isRunning }: Recorded): Plan[] {
  const listed = LISTED.filter((resource) => events.has(resource));
  const plan = (what: string, kind: string, ...faults: readonly Fault[]): Plan => ({
    scenario,
    name: `${scenario} · ${what}`,
    kind,
    faults,
  });
  return [
    ...writes.flatMap(({ number }) =>
      WRITE_ACTIONS.map((action) =>
        plan(`write ${number} · ${told(action)}`, `write: ${told(action)}`, { write: number, action }),
      ),
    ),
    ...[...events].flatMap(([resource, count]) =>
      Array.from({ length: Math.min(count, MAX_EVENTS) }, (_, index) => index + 1).flatMap((event) =>
        // What an operator reads at its start is a list, which no server tells in part.
        WATCH_ACTIONS.filter(({ kind }) => isRunning || kind !== 'drop').map((action) =>
          plan(`event ${event} of ${resource} · ${told(action)}`, `event: ${told(action)}`, {
            resource,
            event,
            action,
          }),
        ),
      ),
    ),
    ...listed.flatMap((resource) =>
      LIST_ACTIONS.map((action) =>
        plan(
          `list of ${resource} · ${told(action)}`,
          `list: ${told(action)}`,
          // One that runs lists again when its watch is too old; one that starts, at once.
          ...(isRunning ? [{ resource, event: 1, action: { kind: 'expire' } } as const] : []),
          { read: resource, action },
        ),
      ),
    ),
    ...(isRunning ? listed : []).map((resource) =>
      plan(`stale list of ${resource} after a restart`, 'list: stale', { staleList: resource }),
    ),
  ];
}

const told = (action: WriteFault['action'] | WatchFault['action'] | ReadFault['action']): string =>
  action.kind === 'answer' ? String(action.status) : action.kind;

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

/** Together, the parts are all, each once. */
export const partOf = <T>(items: readonly T[], { number, of }: { readonly number: number; readonly of: number }): T[] =>
  items.slice(Math.floor((items.length * (number - 1)) / of), Math.floor((items.length * number) / of));

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
