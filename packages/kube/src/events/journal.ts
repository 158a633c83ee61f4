// Which events are to be written, and when: the same thing said again is a number in a series, an object that says too much is
// cut short, memory is bounded. Pure: time and chance are arguments.
import { microTime } from '../micro-time.ts';
import { eventName, namespaceOf, shortNote, word, type EventObject, type Occurrence } from './event.ts';
import { TokenBucket } from './token-bucket.ts';

/** A series that says nothing for so long is over; the next occurrence is a new event. As client-go. */
const SERIES_IDLE_MS = 6 * 60_000;
/** The second time is told soon; after that a series is written once in a while, so that a hot loop costs little. */
const FIRST_REPEAT_MS = 10_000;
const REPEAT_MS = 60_000;
/** client-go's cache. Each is about a kilobyte. */
const MAX_SERIES = 4096;
const MAX_OBJECTS = 4096;

export interface Reporter {
  /** Qualified name: `spinkube.dev/spin-operator`. */
  readonly controller: string;
  /** This process. */
  readonly instance: string;
}

/** What the recorder sends. */
export interface EventWrite {
  readonly key: string;
  readonly namespace: string;
  readonly event: EventObject;
}

interface Series {
  readonly namespace: string;
  readonly event: EventObject;
  count: number;
  lastSeen: number;
  lastDate: Date;
  /** Undefined before the first write. */
  written: { readonly at: number; readonly count: number } | undefined;
}

/** When it is to be written, or why it will not be. */
export type Noted = { readonly dueAt: number } | 'burst' | 'full';

export class EventJournal {
  readonly #reporter: Reporter;
  readonly #unique: () => bigint;
  /** By last occurrence, oldest first. */
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(reporter: Reporter, unique: () => bigint) {
    this.#reporter = reporter;
    this.#unique = unique;
  }

  note(occurrence: Occurrence, now: number, date: Date): Noted {
    this.#forget(now);
    const key = keyOf(occurrence);
    const known = this.#series.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.lastSeen = now;
      known.lastDate = date;
      this.#series.delete(key);
      this.#series.set(key, known);
      return { dueAt: dueAt(known) };
    }
    if (!this.#bucketOf(occurrence, now).take(now)) {
      return 'burst';
    }
    if (this.#series.size >= MAX_SERIES && !this.#dropWritten()) {
      return 'full';
    }
    this.#series.set(key, {
      namespace: namespaceOf(occurrence.regarding),
      event: this.#eventOf(occurrence, date),
      count: 1,
      lastSeen: now,
      lastDate: date,
      written: undefined,
    });
    return { dueAt: now };
  }

  /** What is to be written now; everything that was not written yet when `all`. */
  due(now: number, all = false): EventWrite[] {
    return [...this.#series]
      .filter(([, series]) => isUnwritten(series) && (all || dueAt(series) <= now))
      .map(([key, { namespace, event, count, lastDate }]) => ({
        key,
        namespace,
        event: count === 1 ? event : { ...event, series: { count, lastObservedTime: microTime(lastDate) } },
      }));
  }

  /** When something will be; undefined when nothing waits. */
  nextAt(): number | undefined {
    const times = [...this.#series.values()].filter(isUnwritten).map(dueAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  written({ key, event }: EventWrite, now: number): void {
    const series = this.#series.get(key);
    if (series !== undefined) {
      series.written = { at: now, count: event.series?.count ?? 1 };
    }
  }

  /** It will never be accepted. */
  refused({ key }: EventWrite): void {
    this.#series.delete(key);
  }

  isNew({ key }: EventWrite): boolean {
    return this.#series.get(key)?.written === undefined;
  }

  #eventOf({ regarding, type, reason, action, note, related }: Occurrence, date: Date): EventObject {
    return {
      metadata: { name: eventName(regarding, this.#unique()), namespace: namespaceOf(regarding) },
      eventTime: microTime(date),
      reportingController: this.#reporter.controller,
      reportingInstance: word(this.#reporter.instance),
      type,
      reason: word(reason),
      action: word(action),
      note: shortNote(note),
      regarding,
      ...(related === undefined ? {} : { related }),
    };
  }

  #bucketOf({ regarding }: Occurrence, now: number): TokenBucket {
    const key = objectKey(regarding);
    const bucket = this.#buckets.get(key) ?? new TokenBucket(now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #forget(now: number): void {
    for (const [key, series] of this.#series) {
      if (now - series.lastSeen < SERIES_IDLE_MS) {
        break;
      }
      if (!isUnwritten(series)) {
        this.#series.delete(key);
      }
    }
    for (const [key, bucket] of this.#buckets) {
      if (this.#buckets.size <= MAX_OBJECTS && !bucket.isFull(now)) {
        break;
      }
      this.#buckets.delete(key);
    }
  }

  /** The oldest that is written makes room; a new one has the count from one on. */
  #dropWritten(): boolean {
    for (const [key, series] of this.#series) {
      if (!isUnwritten(series)) {
        return this.#series.delete(key);
      }
    }
    return false;
  }
}

const objectKey = ({ kind, namespace = '', name, uid = '' }: Occurrence['regarding']): string =>
  [kind, namespace, name, uid].join('/');

const keyOf = (occurrence: Occurrence): string =>
  [objectKey(occurrence.regarding), occurrence.type, occurrence.reason, occurrence.action, occurrence.note].join('\n');

const isUnwritten = ({ written, count }: Series): boolean => written === undefined || written.count < count;

function dueAt({ written }: Series): number {
  if (written === undefined) {
    return -Infinity;
  }
  return written.at + (written.count === 1 ? FIRST_REPEAT_MS : REPEAT_MS);
}
