// Which key is next. A key is in it once; while it is worked on nobody else gets it, and whatever happens to it meanwhile
// brings it back once (kube-client 12).
import { systemClock, type Clock } from '../clock.ts';
import { keyOf } from '../store/key.ts';
import { Delays, higher } from './delays.ts';
import { Line } from './line.ts';
import { PRIORITIES, type Priority, type QueueKey } from './types.ts';

/** kube-client 9. Keys of the first list do not count: they are as many as there are objects, and no watch makes more. */
const FULL = 1_000;
/** So often the longest waiting of the lowest priority is served, so that no flood of edits keeps it waiting for ever. */
const LOWEST_EVERY = 16;

interface Waiting {
  readonly key: QueueKey;
  readonly priority: Priority;
  readonly since: number;
}

export interface Taken {
  readonly key: QueueKey;
  readonly priority: Priority;
  readonly queuedMs: number;
}

export interface WorkQueueOptions {
  readonly clock?: Clock;
  /** Something can be taken. */
  readonly onReady?: () => void;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  readonly #waiting = new Map<string, Waiting>();
  /** The same keys by priority, each in the order of their coming, among some that have left. */
  readonly #lines: Readonly<Record<Priority, Line<Waiting>>> = {
    live: new Line(),
    child: new Line(),
    retry: new Line(),
    initial: new Line(),
  };
  readonly #depths: Record<Priority, number> = { live: 0, child: 0, retry: 0, initial: 0 };
  /** Being worked on, each with what has come for it meanwhile. */
  readonly #taken = new Map<string, Waiting | undefined>();
  readonly #delays: Delays;
  readonly #keys = new Map<string, QueueKey>();
  #takes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #isClosed = false;

  constructor({ clock = systemClock, onReady = () => {} }: WorkQueueOptions = {}) {
    this.#clock = clock;
    this.#onReady = onReady;
    this.#delays = new Delays(clock, (id, priority) => {
      const key = this.#keys.get(id);
      this.#keys.delete(id);
      if (key !== undefined) {
        this.add(key, priority);
      }
    });
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#waiting.size;
  }

  depthOf(priority: Priority): number {
    return this.#depths[priority];
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.#delays.size;
  }

  /** Now; a delay of the key is over by it. */
  add(key: QueueKey, priority: Priority): void {
    if (this.#isClosed) {
      return;
    }
    const id = keyOf(key);
    this.#delays.remove(id);
    this.#keys.delete(id);
    if (this.#taken.has(id)) {
      this.#taken.set(id, this.#merged(this.#taken.get(id), key, priority));
      return;
    }
    this.#enter(id, this.#merged(this.#waiting.get(id), key, priority));
  }

  /** After some time, unless it comes sooner for another reason. */
  addAfter(key: QueueKey, ms: number, priority: Priority): void {
    const id = keyOf(key);
    if (this.#isClosed || this.#waiting.has(id) || this.#taken.get(id) !== undefined) {
      return;
    }
    if (ms <= 0) {
      this.add(key, priority);
      return;
    }
    this.#keys.set(id, key);
    this.#delays.add(id, ms, priority);
  }

  /** Belongs to the taker until `finish`. */
  take(): Taken | undefined {
    const waiting = this.#next();
    if (waiting === undefined) {
      return undefined;
    }
    const id = keyOf(waiting.key);
    this.#leave(id, waiting);
    this.#taken.set(id, undefined);
    this.#giveRoom();
    return { key: waiting.key, priority: waiting.priority, queuedMs: this.#clock.now() - waiting.since };
  }

  finish(key: QueueKey): void {
    const id = keyOf(key);
    const again = this.#taken.get(id);
    this.#taken.delete(id);
    if (again !== undefined && !this.#isClosed) {
      this.#enter(id, again);
    }
  }

  /** Undefined: there is room for more keys of a watch. */
  room(): Promise<void> | undefined {
    if (!this.#isFull()) {
      return undefined;
    }
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Gives out nothing more and takes nothing in. */
  close(): void {
    this.#isClosed = true;
    this.#delays.clear();
    this.#waiting.clear();
    for (const priority of PRIORITIES) {
      this.#lines[priority].clear();
      this.#depths[priority] = 0;
    }
    this.#giveRoom();
  }

  #merged(known: Waiting | undefined, key: QueueKey, priority: Priority): Waiting {
    return {
      key,
      priority: known === undefined ? priority : higher(priority, known.priority),
      since: known?.since ?? this.#clock.now(),
    };
  }

  #enter(id: string, waiting: Waiting): void {
    const known = this.#waiting.get(id);
    if (known?.priority === waiting.priority) {
      // It keeps its place.
      return;
    }
    if (known !== undefined) {
      this.#leave(id, known);
    }
    this.#waiting.set(id, waiting);
    this.#lines[waiting.priority].push(waiting);
    this.#depths[waiting.priority] += 1;
    this.#onReady();
  }

  #leave(id: string, { priority }: Waiting): void {
    this.#waiting.delete(id);
    this.#depths[priority] -= 1;
  }

  #next(): Waiting | undefined {
    this.#takes += 1;
    const order = this.#takes % LOWEST_EVERY === 0 ? PRIORITIES.toReversed() : PRIORITIES;
    const priority = order.find((candidate) => this.#depths[candidate] > 0);
    return priority === undefined
      ? undefined
      : this.#lines[priority].first((waiting) => this.#waiting.get(keyOf(waiting.key)) === waiting);
  }

  #isFull(): boolean {
    return this.#waiting.size - this.#depths.initial > FULL;
  }

  #giveRoom(): void {
    if (this.#room !== undefined && !this.#isFull()) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }
}
