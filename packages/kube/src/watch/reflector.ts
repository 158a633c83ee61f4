// Drives `reflect`: asks the API server what the machine wants to know, and hands on what it tells. Every decision is there;
// here is only how to ask, how to wait, and when to stop reading (kube-client 9).
import { setImmediate } from 'node:timers/promises';
import type { KubeObject, ResourceType } from '../client/resource.ts';
import type { KubeClient, Selection } from '../client/types.ts';
import { systemClock, type Clock } from '../clock.ts';
import { TransportError } from '../transport/errors.ts';
import type { Change } from './change.ts';
import { BadLine, isObserved, readEvent, type Observed } from './event.ts';
import { LineSplitter } from './lines.ts';
import type { WatchObserver } from './observer.ts';
import { newReflector, reflect, type ReflectorEffect, type ReflectorInput, type ReflectorState } from './reflect.ts';

/** Lines read in one go before others of this thread get their turn: about 5 ms. */
const LINES_A_TURN = 200;

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'page' | 'watch'>;
  readonly type: ResourceType<T>;
  readonly selection?: Selection;
  /** Only the objects' metadata come (PartialObjectMetadata). */
  readonly metadataOnly?: boolean;
  /** Told in the order of the server; does its work at once. */
  readonly tell: (change: Change<T>) => void;
  /** A promise as long as nothing more should come; the connection's window then fills, and the server waits. */
  readonly room?: () => Promise<void> | undefined;
  /** Objects in one page; 500 when absent (kube-client 1). */
  readonly pageLimit?: number;
  readonly observer?: WatchObserver;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  #state: ReflectorState = newReflector;
  #request = new AbortController();
  #cancelTimer: () => void = () => {};
  /** The reader waits for room: silence is ours. */
  #isHeldUp = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  get isSynced(): boolean {
    return this.#state.isSynced;
  }

  /** What failed last, until something works again. */
  get failure(): Error | undefined {
    return this.#state.failure;
  }

  start(): void {
    this.#step({ kind: 'start' });
  }

  stop(): void {
    this.#step({ kind: 'stop' });
  }

  #step(input: ReflectorInput<T>): void {
    const [state, effects] = reflect(this.#state, input, { now: this.#clock.now(), chance: this.#random() });
    this.#state = state;
    for (const effect of effects) {
      this.#run(effect);
    }
  }

  #run(effect: ReflectorEffect<T>): void {
    switch (effect.kind) {
      case 'list':
        this.#options.observer?.asked?.('list');
        void this.#list(effect.turn, effect.continue, this.#newRequest());
        break;
      case 'watch':
        this.#options.observer?.asked?.(effect.resourceVersion === undefined ? 'streaming-list' : 'watch');
        void this.#watch(effect, this.#newRequest());
        break;
      case 'abandon':
        this.#abandon();
        break;
      case 'timer':
        this.#cancelTimer();
        this.#cancelTimer = this.#clock.after(effect.ms, () => this.#onTime(effect.turn));
        break;
      case 'tell':
        this.#tell(effect.change);
        break;
      case 'report':
        this.#report(effect.error, effect.retryMs);
        break;
    }
  }

  #onTime(turn: number): void {
    if (this.#isHeldUp) {
      this.#step({ kind: 'resumed', turn });
    }
    this.#step({ kind: 'time', turn });
  }

  #newRequest(): AbortSignal {
    this.#request.abort();
    this.#request = new AbortController();
    return this.#request.signal;
  }

  #abandon(): void {
    this.#cancelTimer();
    this.#request.abort();
  }

  #tell(change: Change<T>): void {
    try {
      this.#options.tell(change);
    } catch (error) {
      // expected: never, but one bug there must not end the watch.
      this.#options.observer?.keeperFailed?.(error);
    }
  }

  #report(error: Error, retryMs: number): void {
    if (error instanceof BadLine) {
      this.#options.observer?.badLine?.(error.excerpt);
    }
    this.#options.observer?.failed?.(error, retryMs);
  }

  async #list(turn: number, token: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, type, selection, metadataOnly = false, pageLimit } = this.#options;
    try {
      const page = await client.page<T>(
        type,
        { ...selection, metadataOnly, signal, ...(pageLimit === undefined ? {} : { limit: pageLimit }) },
        token,
      );
      this.#step({
        kind: 'page',
        turn,
        items: page.items.map(observed),
        resourceVersion: page.resourceVersion,
        continue: page.continue,
      });
    } catch (error) {
      this.#step({ kind: 'failed', turn, error: asError(error) });
    }
  }

  async #watch(
    { turn, resourceVersion, timeoutSeconds }: Extract<ReflectorEffect<T>, { readonly kind: 'watch' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, type, selection, metadataOnly = false } = this.#options;
    try {
      const stream = await client.watch(type, {
        ...selection,
        metadataOnly,
        signal,
        timeoutSeconds,
        allowWatchBookmarks: true,
        ...(resourceVersion === undefined
          ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
          : { resourceVersion }),
      });
      this.#step({ kind: 'opened', turn });
      const lines = new LineSplitter();
      let count = 0;
      for await (const chunk of stream) {
        for (const line of lines.push(chunk)) {
          this.#step({ kind: 'event', turn, event: readEvent<T>(line) });
          if (turn !== this.#state.turn) {
            return;
          }
          await this.#holdUp(turn);
          count += 1;
          if (count % LINES_A_TURN === 0) {
            await setImmediate();
          }
        }
      }
      if (lines.rest().length > 0) {
        throw new TransportError('reset', 'the watch ended within a line');
      }
      this.#step({ kind: 'ended', turn });
    } catch (error) {
      this.#step({ kind: 'failed', turn, error: asError(error) });
    }
  }

  async #holdUp(turn: number): Promise<void> {
    const room = this.#options.room?.();
    if (room === undefined) {
      return;
    }
    this.#isHeldUp = true;
    await room;
    this.#isHeldUp = false;
    this.#step({ kind: 'resumed', turn });
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(`something that is no error was thrown: ${String(error)}`);

function observed<T extends KubeObject>(item: T): T & Observed {
  if (!isObserved(item)) {
    throw new TransportError('protocol', 'an object of the list has no name, no uid or no resource version');
  }
  return item;
}
