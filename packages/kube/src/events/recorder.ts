// Tells of what happens to objects as Events, beside the work: noting never waits, never throws, and what cannot be written is
// counted and forgotten (kube-client 21).
import type { KubeClient } from '../client/types.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { EventObserver } from '../metrics.ts';
import { ApiError, isAlreadyExists, isNotFound, TransportError, type Retry } from '../transport/errors.ts';
import { EVENTS, type Occurrence } from './event.ts';
import { EventJournal, type EventWrite, type Reporter } from './journal.ts';

/** An API server that needs longer for an event has something better to do. */
const WRITE_DEADLINE_MS = 10_000;
/** After a failure of the server: 1 s, doubled up to 30 s. */
const BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;

export interface RecorderOptions {
  readonly client: KubeClient;
  readonly reporter: Reporter;
  readonly clock?: Clock;
  /** 64 random bits. */
  readonly unique?: () => bigint;
  readonly observer?: EventObserver;
  readonly onError?: (error: unknown) => void;
}

export interface EventRecorder {
  note(occurrence: Occurrence): void;
  /** Writes all there is, series too; gives up after `deadlineMs`. Nothing is noted after it. */
  close(deadlineMs: number): Promise<void>;
}

export function createEventRecorder(options: RecorderOptions): EventRecorder {
  return new Recorder(options);
}

const random64 = (): bigint => crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;

class Recorder implements EventRecorder {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #observer: EventObserver | undefined;
  readonly #onError: (error: unknown) => void;
  readonly #journal: EventJournal;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #cancelWake = (): void => undefined;
  #wakeAt = Infinity;
  #failures = 0;
  #isClosed = false;

  constructor({ client, reporter, clock, unique, observer, onError }: RecorderOptions) {
    this.#client = client;
    this.#clock = clock ?? systemClock;
    this.#observer = observer;
    this.#onError = onError ?? ((): void => undefined);
    this.#journal = new EventJournal(reporter, unique ?? random64);
  }

  note(occurrence: Occurrence): void {
    if (this.#isClosed) {
      return;
    }
    const noted = this.#journal.note(occurrence, this.#clock.now(), this.#clock.date());
    if (typeof noted === 'string') {
      this.#observer?.eventDropped(noted);
    } else if (this.#running === undefined && this.#failures === 0 && noted.dueAt < this.#wakeAt) {
      // After a failure the wait that it asked for goes on.
      this.#sleepUntil(noted.dueAt);
    }
  }

  async close(deadlineMs: number): Promise<void> {
    this.#isClosed = true;
    this.#cancelWake();
    const cancel = this.#clock.after(deadlineMs, () =>
      this.#closing.abort(new Error('the events have had their time')),
    );
    await this.#running;
    this.#cancelWake();
    await this.#writeAll(true);
    cancel();
  }

  #sleepUntil(time: number | undefined): void {
    this.#cancelWake();
    this.#wakeAt = time ?? Infinity;
    if (time !== undefined && !this.#isClosed) {
      this.#cancelWake = this.#clock.after(Math.max(0, time - this.#clock.now()), () => this.#begin());
    }
  }

  #begin(): void {
    this.#running = this.#writeAll(false).finally(() => {
      this.#running = undefined;
    });
  }

  /** One after the other: events come after everything else. */
  async #writeAll(all: boolean): Promise<void> {
    for (const write of this.#journal.due(this.#clock.now(), all)) {
      const retry = await this.#write(write);
      if (retry !== 'no') {
        this.#failures += 1;
        const backoff = Math.min(BACKOFF_MS * 2 ** (this.#failures - 1), MAX_BACKOFF_MS);
        this.#sleepUntil(this.#clock.now() + (retry === 'backoff' ? backoff : retry.afterMs));
        return;
      }
    }
    this.#failures = 0;
    this.#sleepUntil(this.#journal.nextAt());
  }

  /** `no` when it is done with, one way or the other. */
  async #write(write: EventWrite): Promise<Retry> {
    try {
      await this.#send(write);
      this.#journal.written(write, this.#clock.now());
      return 'no';
    } catch (error) {
      if (isAlreadyExists(error)) {
        // expected: written before, and the reply was lost.
        this.#journal.written(write, this.#clock.now());
        return 'no';
      }
      // expected: nobody's work may wait for an event.
      this.#onError(error);
      const retry = this.#closing.signal.aborted ? 'backoff' : retryOf(error);
      if (retry === 'no') {
        this.#journal.refused(write);
        this.#observer?.eventDropped('refused');
      }
      return retry;
    }
  }

  async #send(write: EventWrite): Promise<void> {
    const { event, namespace } = write;
    const call = { signal: this.#closing.signal, deadlineMs: WRITE_DEADLINE_MS };
    if (this.#journal.isNew(write)) {
      await this.#client.create(EVENTS, event, call);
      return;
    }
    try {
      const { name = '' } = event.metadata;
      await this.#client.patch(EVENTS, { namespace, name }, 'merge', { series: event.series }, call);
    } catch (error) {
      // expected: the API server forgets events after an hour.
      if (!isNotFound(error)) {
        throw error;
      }
      await this.#client.create(EVENTS, event, call);
    }
  }
}

/** A namespace that is being deleted, a role that is missing: not worth a second try. */
function retryOf(error: unknown): Retry {
  if (error instanceof ApiError) {
    return error.status < 500 && error.status !== 429 ? 'no' : error.retry;
  }
  return error instanceof TransportError ? error.retry : 'no';
}
