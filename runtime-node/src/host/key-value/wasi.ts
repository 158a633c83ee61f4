// wasi:keyvalue@0.2.0-draft2: store, batch and atomics.
import { err, ok, type HostInterface, type Result } from '../../component/index.ts';
import { andThen, attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { failureOf, otherError } from './backend.ts';
import type { Declare } from './host.ts';
import { Bucket, Cas, storeFor, type StoreAccess } from './open-store.ts';

type WasiError = { readonly tag: 'no-such-store' | 'access-denied' } | { readonly tag: 'other'; readonly val: string };

type CasError =
  | { readonly tag: 'store-error'; readonly val: WasiError }
  | { readonly tag: 'cas-failed'; readonly val: Cas };

function wasiFailure(error: unknown): WasiError {
  const failure = failureOf(error);
  return failure.tag === 'store-table-full' ? { tag: 'other', val: 'store table full' } : failure;
}

export function wasiStore(stores: StoreAccess, declare: Declare): HostInterface<Guest> {
  return {
    resources: { bucket: Bucket },
    functions: {
      open: declare((guest: Guest, label: string) =>
        attempt(() => andThen(storeFor(stores, guest, label), (store) => new Bucket(guest, store)), wasiFailure),
      ),
      '[method]bucket.get': declare((_guest, { store }: Bucket, key: string) =>
        attempt(() => store.get(key), wasiFailure),
      ),
      '[method]bucket.set': declare((_guest, { store }: Bucket, key: string, value: Uint8Array) =>
        attempt(() => store.set(key, value), wasiFailure),
      ),
      '[method]bucket.delete': declare((_guest, { store }: Bucket, key: string) =>
        attempt(() => store.delete(key), wasiFailure),
      ),
      '[method]bucket.exists': declare((_guest, { store }: Bucket, key: string) =>
        attempt(() => store.exists(key), wasiFailure),
      ),
      '[method]bucket.list-keys': declare((_guest, { store }: Bucket, cursor: string | undefined) =>
        attempt(() => {
          if (cursor !== undefined) {
            throw otherError('list_keys: cursor not supported');
          }
          return andThen(store.keys(), (keys) => ({ keys, cursor: undefined }));
        }, wasiFailure),
      ),
    },
  };
}

/** A call with more keys would keep its thread, or a server, from everyone for too long: SQLite reads 100,000 a second. */
const MAX_BATCH_KEYS = 10_000;

function checkBatch({ length }: readonly unknown[]): void {
  if (length > MAX_BATCH_KEYS) {
    throw otherError(`too many keys in one call: ${length}, at most ${MAX_BATCH_KEYS}`);
  }
}

/** Empty lists never reach the store. */
export function wasiBatch(declare: Declare): HostInterface<Guest> {
  return {
    resources: {},
    functions: {
      'get-many': declare((_guest, { store }: Bucket, keys: readonly string[]) =>
        attempt(() => {
          checkBatch(keys);
          return keys.length === 0 ? [] : store.getMany(keys);
        }, wasiFailure),
      ),
      'set-many': declare((_guest, { store }: Bucket, pairs: readonly (readonly [string, Uint8Array])[]) =>
        attempt(() => {
          checkBatch(pairs);
          return pairs.length === 0 ? undefined : store.setMany(pairs);
        }, wasiFailure),
      ),
      'delete-many': declare((_guest, { store }: Bucket, keys: readonly string[]) =>
        attempt(() => {
          checkBatch(keys);
          return keys.length === 0 ? undefined : store.deleteMany(keys);
        }, wasiFailure),
      ),
    },
  };
}

export function wasiAtomics(declare: Declare): HostInterface<Guest> {
  return {
    resources: { cas: Cas },
    functions: {
      increment: declare((_guest, { store }: Bucket, key: string, delta: bigint) =>
        attempt(() => store.increment(key, delta), wasiFailure),
      ),
      '[static]cas.new': declare((guest: Guest, { store }: Bucket, key: string) =>
        attempt(() => new Cas(guest, store, key), wasiFailure),
      ),
      '[method]cas.current': declare((_guest, self: Cas) => attempt(() => self.swap.current(), wasiFailure)),
      swap: declare((guest: Guest, cas: Cas, value: Uint8Array) =>
        andThen(
          attempt(
            () => swap(guest, cas, value),
            (error): CasError => ({ tag: 'store-error', val: wasiFailure(error) }),
          ),
          (answer) => (answer.tag === 'ok' ? answer.val : answer),
        ),
      ),
    },
  };
}

/** The cas is used up; when the value has changed, the guest gets another that has seen the new value already. */
function swap(
  guest: Guest,
  cas: Cas,
  value: Uint8Array,
): Result<undefined, CasError> | Promise<Result<undefined, CasError>> {
  cas[Symbol.dispose]();
  return andThen(cas.swap.swap(value), (swapped) => {
    if (swapped) {
      return ok(undefined);
    }
    const next = new Cas(guest, cas.store, cas.swap.key);
    return andThen(next.swap.current(), () => err<CasError>({ tag: 'cas-failed', val: next }));
  });
}
