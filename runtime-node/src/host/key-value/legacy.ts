// fermyon:spin/key-value without a version (Spin 1): stores are numbers that the guest keeps and closes.
import { Trap, type HostInterface } from '../../component/index.ts';
import { andThen, attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { failureOf, type KeyValueStore } from './backend.ts';
import type { Declare } from './host.ts';
import { Store, storeFor, type StoreAccess } from './open-store.ts';

type LegacyError =
  | { readonly tag: 'store-table-full' | 'no-such-store' | 'access-denied' | 'no-such-key' }
  | { readonly tag: 'io'; readonly val: string };

const TABLE = Symbol('key-value stores by number');

/** The guest's stores by number. An unknown number ends the guest, as in Spin. */
class StoreTable {
  readonly #stores = new Map<number, Store>();
  #next = 0;

  insert(store: Store): number {
    const number = this.#next++;
    this.#stores.set(number, store);
    return number;
  }

  get(number: number): KeyValueStore {
    const open = this.#stores.get(number);
    if (open === undefined) {
      throw new Trap(`there is no open key-value store ${number}`);
    }
    return open.store;
  }

  close(number: number): void {
    this.#stores.get(number)?.[Symbol.dispose]();
    this.#stores.delete(number);
  }
}

const tableOf = (guest: Guest): StoreTable => guest.state(TABLE, () => new StoreTable());

/** Thrown where version 1 has an error of its own for a key that is not there. */
class NoSuchKey extends Error {
  override readonly name = 'NoSuchKey';
}

function legacyFailure(error: unknown): LegacyError {
  if (error instanceof NoSuchKey) {
    return { tag: 'no-such-key' };
  }
  const failure = failureOf(error);
  return failure.tag === 'other' ? { tag: 'io', val: failure.val } : failure;
}

function present(value: Uint8Array | undefined): Uint8Array {
  if (value === undefined) {
    throw new NoSuchKey();
  }
  return value;
}

export function keyValueV1(stores: StoreAccess, declare: Declare): HostInterface<Guest> {
  const onStore = <Args extends unknown[]>(act: (store: KeyValueStore, ...args: Args) => unknown) =>
    declare((guest: Guest, number: number, ...args: Args) =>
      attempt(() => act(tableOf(guest).get(number), ...args), legacyFailure),
    );
  return {
    resources: {},
    functions: {
      open: declare((guest: Guest, label: string) =>
        attempt(
          () => andThen(storeFor(stores, guest, label), (store) => tableOf(guest).insert(new Store(guest, store))),
          legacyFailure,
        ),
      ),
      get: onStore((store, key: string) => andThen(store.get(key), present)),
      set: onStore((store, key: string, value: Uint8Array) => store.set(key, value)),
      delete: onStore((store, key: string) => store.delete(key)),
      exists: onStore((store, key: string) => store.exists(key)),
      'get-keys': onStore((store) => store.keys()),
      close: declare((guest: Guest, number: number) => tableOf(guest).close(number)),
    },
  };
}
