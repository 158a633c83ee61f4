// Keeps a number of serving threads alive: starts them, watches them, replaces the ones that die or stall, and stops
// them all. Runs no guest and answers no request itself, so that nothing a guest does can hold it up.
//
// All threads accept from one listening socket: the first opens it, the others and the supervisor hold duplicates of
// its descriptor (listening-socket.ts says why), so that it stays open whoever dies, and connections that come
// meanwhile wait in its queue.
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { PreparedComponent } from '../component/index.ts';
import { LimitExceeded } from '../limits/index.ts';
import type { MeterTotals } from '../metrics/totals.ts';
import { LoadSign } from './load-sign.ts';
import { fromPlainError, type FromThread, type Listening, type ServingMessage } from './messages.ts';
import type { TelemetryBatch } from '../telemetry/outgoing.ts';
import type { OutputBatch } from './outbox.ts';
import { RestartDelay } from './restart-delay.ts';
import { ServingThread } from './serving-thread.ts';
import { monotonicMs } from './shared-beat.ts';
import { tickFor, type WatchTimes } from './watchdog.ts';

/** Metric label of why a thread was replaced. */
type Reason = 'Stalled' | 'OutOfMemory' | 'Crashed' | 'FailedToStart';

export interface SupervisorOptions<App> {
  readonly threads: number;
  /** False: all but the first begin when there is more to do than one should do alone; each costs memory. */
  readonly atOnce: boolean;
  /** What each thread serves, by its place from 0. */
  readonly appFor: (place: number) => App;
  readonly prepared: ReadonlyMap<string, PreparedComponent>;
  /** Limits on time, in milliseconds. */
  readonly limits: {
    readonly requestMs: number | undefined;
    readonly cpuMs: number | undefined;
    readonly stallMs: number;
  };
  readonly totals: MeterTotals;
  /** Takes what guests print and what failed; resolves when it can take more. */
  readonly output: (batch: OutputBatch) => Promise<void>;
  /** Takes what is to be sent to a collector. */
  readonly telemetry?: (batch: TelemetryBatch) => void;
  /** Takes a line for the operator. */
  readonly note: (line: string) => void;
  /** The command has ended with this exit code. */
  readonly finished?: (code: number) => void;
  /** The thread at this place has ended before its time, and is replaced. */
  readonly replaced?: (place: number) => void;
}

/** How long after the time to drain a thread may still not answer. */
const STOP_GRACE_MS = 1000;

/** How long a scrape waits for threads that are busy: their counts come with the next one. */
const METERS_WAIT_MS = 250;

/** A first thread that loads its code already, before it is known what to serve. */
export class LaunchedThread<App, Served> {
  readonly entry: URL;
  #thread: ServingThread<App, Served> | undefined;

  constructor(entry: URL) {
    this.entry = entry;
    this.#thread = new ServingThread<App, Served>(0, entry, monotonicMs());
  }

  /** Hands it over; undefined when somebody has it already. */
  take(): ServingThread<App, Served> | undefined {
    const thread = this.#thread;
    this.#thread = undefined;
    return thread;
  }

  /** Ends it, if nobody has taken it. */
  async close(): Promise<void> {
    await this.take()?.terminate();
  }
}

interface Place<App, Served> {
  readonly index: number;
  readonly delay: RestartDelay;
  thread: ServingThread<App, Served> | undefined;
  restart: NodeJS.Timeout | undefined;
}

interface Stopping<App, Served> {
  /** Those that have not ended. */
  readonly left: Set<ServingThread<App, Served>>;
  /** Those whose requests have ended. */
  readonly drained: Set<ServingThread<App, Served>>;
  /** Requests that had to be ended. */
  ended: number;
  readonly done: () => void;
}

export class Supervisor<App, Served> {
  readonly #options: SupervisorOptions<App>;
  readonly #entry: URL;
  readonly #times: WatchTimes;
  readonly #components: readonly string[];
  readonly #places: Place<App, Served>[];
  readonly #ticks: NodeJS.Timeout;
  /** Where no thread has been yet. */
  #spare: readonly Place<App, Served>[] = [];
  readonly #load = new LoadSign();
  #nextId = 1;
  #socket: number | undefined;
  #stopping: Stopping<App, Served> | undefined;
  readonly #meterWaits = new Set<{ readonly left: Set<number>; readonly done: () => void }>();

  constructor(entry: URL, options: SupervisorOptions<App>) {
    const { requestMs, cpuMs, stallMs } = options.limits;
    this.#entry = entry;
    this.#options = options;
    this.#times = { stallMs, tickMs: tickFor([requestMs, cpuMs, stallMs]) };
    this.#components = [...options.prepared.keys()];
    this.#places = Array.from({ length: options.threads }, (_, index) => ({
      index,
      delay: new RestartDelay(),
      thread: undefined,
      restart: undefined,
    }));
    this.#ticks = setInterval(() => this.#tick(), this.#times.tickMs);
    this.#ticks.unref();
  }

  /** Resolves when the first thread serves; the others follow, at once or under load. Rejects when that fails. */
  async start(launched: LaunchedThread<App, Served>): Promise<ServingMessage<Served>> {
    const [first, ...others] = this.#places as [Place<App, Served>, ...Place<App, Served>[]];
    const thread = launched.take() ?? this.#newThread();
    try {
      const serving = await new Promise<ServingMessage<Served>>((resolve, reject) => {
        this.#begin(first, thread, { kind: 'open' }, { serves: resolve, fails: reject });
      });
      this.#spare = others;
      if (this.#options.atOnce) {
        this.#launchSpare();
      }
      return serving;
    } catch (error) {
      clearInterval(this.#ticks);
      throw error;
    }
  }

  /**
   * Lets running requests finish for `deadlineMs`, then ends what is left. Resolves, when all threads have ended, to
   * the number of requests that had to be ended.
   */
  async stop(deadlineMs: number): Promise<number> {
    const threads = this.#places.flatMap(({ thread, restart }) => {
      clearTimeout(restart);
      return thread ?? [];
    });
    if (this.#socket !== undefined) {
      closeSync(this.#socket);
      this.#socket = undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopping: Stopping<App, Served> = { left: new Set(threads), drained: new Set(), ended: 0, done: resolve };
    this.#stopping = stopping;
    for (const thread of threads) {
      if (thread.serving) {
        thread.hurry(deadlineMs + STOP_GRACE_MS);
        thread.post({ kind: 'stop', deadlineMs });
      } else {
        void thread.terminate();
      }
    }
    if (threads.length > 0) {
      await promise;
    }
    clearInterval(this.#ticks);
    return stopping.ended;
  }

  /** What comes from `source` is the stdin of the first thread. */
  feed(source: Readable): void {
    this.#places[0]?.thread?.feed(source);
  }

  /** Resolves when the threads that are not too busy have told what they counted. */
  async readMeters(): Promise<void> {
    const threads = this.#places.flatMap(({ thread }) => (thread?.serving === true ? [thread] : []));
    if (threads.length === 0) {
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const wait = { left: new Set(threads.map(({ id }) => id)), done: resolve };
    const timer = setTimeout(resolve, METERS_WAIT_MS);
    this.#meterWaits.add(wait);
    for (const thread of threads) {
      thread.post({ kind: 'read-meters' });
    }
    await promise;
    clearTimeout(timer);
    this.#meterWaits.delete(wait);
  }

  #newThread(): ServingThread<App, Served> {
    return new ServingThread<App, Served>(this.#nextId++, this.#entry, monotonicMs());
  }

  /** Into a place that is empty, on the socket that there is. */
  #launch(place: Place<App, Served>): void {
    if (this.#stopping !== undefined) {
      return;
    }
    let failure: Error | undefined;
    const thread = this.#newThread();
    this.#begin(
      place,
      thread,
      { kind: 'join', socket: this.#socket },
      {
        serves: () => {},
        fails: (error) => {
          failure = error;
          this.#options.note(`Thread ${thread.id} could not be started: ${failure.message}`);
          this.#replace(place, thread, 'FailedToStart');
        },
      },
    );
  }

  #begin(
    place: Place<App, Served>,
    thread: ServingThread<App, Served>,
    listening: Listening,
    first: { serves(message: ServingMessage<Served>): void; fails(error: Error): void },
  ): void {
    place.thread = thread;
    let failed = false;
    const fail = (error: Error): void => {
      if (!failed) {
        failed = true;
        first.fails(error);
      }
    };
    thread.begin(
      {
        message: (message) => {
          if (message.kind === 'serving') {
            thread.serving = true;
            this.#socket ??= message.socket;
            this.#options.totals.threadServes(thread.id);
            first.serves(message);
          } else if (message.kind === 'failed') {
            fail(fromPlainError(message.error));
            void thread.terminate();
          } else {
            this.#receive(thread, message);
          }
        },
        ended: (error) => {
          this.#options.totals.threadEnded(thread.id);
          if (place.thread !== thread) {
            // Replaced already, which is why it ended.
            return;
          }
          place.thread = undefined;
          if (this.#stopping !== undefined) {
            this.#ended(thread, this.#stopping);
          } else if (thread.serving) {
            this.#crashed(place, thread, error);
          } else {
            fail(error ?? new Error('the thread ended while it started'));
          }
        },
      },
      this.#times,
    );
    thread.post({
      kind: 'serve',
      app: this.#options.appFor(place.index),
      components: this.#components,
      prepared: this.#options.prepared,
      listening,
    });
  }

  #receive(
    thread: ServingThread<App, Served>,
    message: Exclude<FromThread<Served>, { kind: 'serving' | 'failed' }>,
  ): void {
    switch (message.kind) {
      case 'output':
        void this.#take(thread, message.batch);
        return;
      case 'telemetry':
        this.#options.telemetry?.(message.batch);
        thread.post({ kind: 'telemetry-taken' });
        return;
      case 'meters':
        this.#options.totals.add(thread.id, message.reading);
        this.#metersRead(thread.id);
        return;
      case 'finished':
        this.#options.finished?.(message.code);
        return;
      case 'stopped':
        if (this.#stopping !== undefined) {
          this.#stopping.ended += message.ended;
          this.#stopping.drained.add(thread);
        }
        void thread.terminate();
    }
  }

  async #take(thread: ServingThread<App, Served>, batch: OutputBatch): Promise<void> {
    await this.#options.output(batch);
    thread.beat.taken += batch.cost;
  }

  #launchSpare(): void {
    for (const place of this.#spare) {
      this.#launch(place);
    }
    this.#spare = [];
  }

  #tick(): void {
    const now = monotonicMs();
    const only = this.#spare.length > 0 ? this.#places[0]?.thread : undefined;
    if (only?.serving === true && this.#load.look(now, only.beat.run)) {
      this.#launchSpare();
    }
    for (const place of this.#places) {
      const { thread } = place;
      const stalledMs = thread?.look(now);
      if (thread !== undefined && stalledMs !== undefined) {
        this.#stalled(place, thread, stalledMs);
      }
    }
  }

  #stalled(place: Place<App, Served>, thread: ServingThread<App, Served>, stalledMs: number): void {
    const { stallMs } = this.#options.limits;
    const id = thread.runsGuest ? this.#components[thread.beat.component] : undefined;
    const component = id === undefined ? {} : { component: id };
    const error = new LimitExceeded('thread stall', { value: stallMs, ...component });
    const who = id === undefined ? 'it' : `component "${id}"`;
    // While it starts, whoever waits for it to serve hears of it by its end.
    if (thread.serving && this.#stopping === undefined) {
      this.#options.note(
        `Thread ${thread.id} is replaced: ${who} has run for ${seconds(stalledMs)} and let nothing else happen; ${error.message}`,
      );
      if (id !== undefined) {
        this.#options.totals.limitExceeded(id, error.limit);
      }
      this.#replace(place, thread, 'Stalled');
    }
    void thread.terminate(error);
  }

  #crashed(
    place: Place<App, Served>,
    thread: ServingThread<App, Served>,
    error: NodeJS.ErrnoException | undefined,
  ): void {
    const message = error === undefined ? 'it ended by itself' : (error.stack ?? error.message);
    this.#options.note(`Thread ${thread.id} is replaced: ${message}`);
    this.#replace(place, thread, error?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'OutOfMemory' : 'Crashed');
  }

  #replace(place: Place<App, Served>, thread: ServingThread<App, Served>, reason: Reason): void {
    place.thread = undefined;
    this.#options.totals.threadReplaced(reason);
    this.#options.replaced?.(place.index);
    const wait = place.delay.next(monotonicMs() - thread.startedAt);
    if (wait === 0) {
      this.#launch(place);
    } else {
      place.restart = setTimeout(() => this.#launch(place), wait);
    }
  }

  #ended(thread: ServingThread<App, Served>, stopping: Stopping<App, Served>): void {
    if (thread.runsGuest && !stopping.drained.has(thread)) {
      // Others of its requests may have waited; nobody knows how many.
      stopping.ended += 1;
    }
    stopping.left.delete(thread);
    if (stopping.left.size === 0) {
      stopping.done();
    }
  }

  #metersRead(id: number): void {
    for (const { left, done } of this.#meterWaits) {
      left.delete(id);
      if (left.size === 0) {
        done();
      }
    }
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
