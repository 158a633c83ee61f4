// How many files of the host guests may hold: one instance, and all instances of a thread together. WASI 0.2 has no
// code for "too many open files"; a guest is told `insufficient-memory`, as where a table of the host is full.
import { availableParallelism } from 'node:os';
import { openFileLimit, readProcLimits } from '../open-file-limit.ts';
import { FilesystemError } from './errors.ts';

/** Files and directories open in one instance: what macOS gives a process, and Spin to the other tables of a guest. */
export const MAX_OPEN = 256;

/** Streams that read, in one instance: each may keep a piece of a file that nobody has fetched (file-streams.ts). */
export const MAX_READERS = 256;

interface Counter {
  readonly max: number;
  taken: number;
}

/** Gives back the places of owners that were lost; handles.ts tells how. */
const lost = new FinalizationRegistry<Place>((place) => place[Symbol.dispose]());

/** One of each of some counters, given back once, however often it is disposed. */
export class Place implements Disposable {
  readonly #counters: readonly Counter[];
  #taken = true;

  /** They count it already. */
  constructor(counters: readonly Counter[]) {
    this.#counters = counters;
  }

  [Symbol.dispose](): void {
    if (this.#taken) {
      this.#taken = false;
      add(this.#counters, -1);
    }
  }

  /** For an owner that closes itself when it is lost. */
  endWith(owner: object): void {
    lost.register(owner, this);
  }
}

export class Quota {
  readonly #own: Counter;
  /** What is taken here is taken from all of these. */
  readonly #counters: readonly Counter[];

  constructor(max: number, whole?: Quota) {
    this.#own = { max, taken: 0 };
    this.#counters = whole === undefined ? [this.#own] : [this.#own, ...whole.#counters];
  }

  get taken(): number {
    return this.#own.taken;
  }

  /** A place for what `open` opens, whose part it is to give it back; it is given back here when `open` throws. */
  take<T>(open: (place: Place) => T): T {
    if (this.#counters.some(({ max, taken }) => taken >= max)) {
      throw new FilesystemError('insufficient-memory');
    }
    const place = new Place(this.#counters);
    add(this.#counters, 1);
    try {
      return open(place);
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }
}

function add(counters: readonly Counter[], by: 1 | -1): void {
  for (const counter of counters) {
    counter.taken += by;
  }
}

/** Both quotas of one instance. */
export interface GuestQuotas {
  readonly open: Quota;
  readonly readers: Quota;
}

export const guestQuotas = (whole?: Quota): GuestQuotas => ({
  open: new Quota(MAX_OPEN, whole),
  readers: new Quota(MAX_READERS),
});

/** Half for guests' files, the other half for connections, logs and stores. */
const GUESTS_PART = 2;

/** So few must be possible however small the limit is and however many the threads. */
const LEAST_OPEN = 64;

/** For all guests of one of `threads` threads, of the files that the process may open. */
export function threadQuota(procLimits: string | undefined, threads: number): Quota {
  const files = openFileLimit(procLimits);
  return new Quota(Math.max(LEAST_OPEN, Math.floor(files / GUESTS_PART / threads)));
}

/** By default there are as many threads as the process may use processors. */
export const systemQuota = (): Quota => threadQuota(readProcLimits(), availableParallelism());
