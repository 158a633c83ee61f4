// Where keys and values are kept: the seam between the key-value interfaces and SQLite, Redis, DynamoDB and Cosmos DB. Every
// operation may answer at once or by a promise, and fails with KeyValueError.

type Maybe<T> = T | Promise<T>;

export interface KeyValueBackend {
  /** For messages, e.g. `"/data/sqlite_key_value.db"`. */
  readonly summary: string;
  /** True when no operation ever gives a promise, so that guests need not be prepared for a wait. */
  readonly synchronous: boolean;
  /** The store of one label. In SQLite labels never see each other's keys; elsewhere they share them, as in Spin. */
  store(label: string): Maybe<KeyValueStore>;
  close(): Maybe<void>;
}

export interface KeyValueStore {
  get(key: string): Maybe<Uint8Array | undefined>;
  set(key: string, value: Uint8Array): Maybe<void>;
  /** No error when there is no such key. */
  delete(key: string): Maybe<void>;
  exists(key: string): Maybe<boolean>;
  keys(): Maybe<string[]>;
  /** Only what is there, each key once. */
  getMany(keys: readonly string[]): Maybe<[string, Uint8Array][]>;
  /** All or nothing, as far as the store can. */
  setMany(pairs: readonly (readonly [string, Uint8Array])[]): Maybe<void>;
  deleteMany(keys: readonly string[]): Maybe<void>;
  /** Adds to a number that starts at 0, atomically; gives the sum. */
  increment(key: string, delta: bigint): Maybe<bigint>;
  compareAndSwap(key: string): CompareAndSwap;
}

/** A value is set only if it is still what `current` gave last. */
export interface CompareAndSwap {
  readonly key: string;
  current(): Maybe<Uint8Array | undefined>;
  /** False when the value has changed. Without an earlier `current` the value is set in any case. */
  swap(value: Uint8Array): Maybe<boolean>;
}

export type KeyValueFailure =
  | { readonly tag: 'store-table-full' }
  | { readonly tag: 'no-such-store' | 'access-denied' }
  | { readonly tag: 'other'; readonly val: string };

/** A failure that the guest is told. */
export class KeyValueError extends Error {
  override readonly name = 'KeyValueError';
  readonly failure: KeyValueFailure;

  constructor(failure: KeyValueFailure, cause?: unknown) {
    super(failure.tag === 'other' ? failure.val : failure.tag, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

export const otherError = (message: string, cause?: unknown): KeyValueError =>
  new KeyValueError({ tag: 'other', val: message }, cause);

/** What was thrown as a failure; anything else than KeyValueError is a defect and thrown again. */
export function failureOf(error: unknown): KeyValueFailure {
  if (error instanceof KeyValueError) {
    return error.failure;
  }
  throw error;
}

/** Spin's MAX_HOST_BUFFERED_BYTES: what one answer may hold (spin-contract.md §4). */
const MAX_RESULT_BYTES = 134_217_728;

/** Counts the bytes of an answer and stops one that grows too large for this process. */
export class ResultSize {
  #bytes = 0;

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_RESULT_BYTES) {
      throw otherError(`query result exceeds limit of ${MAX_RESULT_BYTES} bytes`);
    }
  }
}
