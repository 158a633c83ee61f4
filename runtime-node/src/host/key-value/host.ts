// fermyon:spin/key-value@2.0.0, and spin:key-value@3.0.0, which gives keys as a stream.
import type { HostInterface, plain, Result } from '../../component/index.ts';
import { andThen, attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { listStream } from '../io/list-streams.ts';
import { failureOf, type KeyValueFailure } from './backend.ts';
import { Store, storeFor, type StoreAccess } from './open-store.ts';

/** `plain` when the component's stores never wait, else `waiting`. */
export type Declare = typeof plain;

export function keyValueV2(stores: StoreAccess, declare: Declare): HostInterface<Guest> {
  return {
    resources: { store: Store },
    functions: {
      '[static]store.open': declare((guest: Guest, label: string) =>
        attempt(() => andThen(storeFor(stores, guest, label), (store) => new Store(guest, store)), failureOf),
      ),
      '[method]store.get': declare((_guest, { store }: Store, key: string) => attempt(() => store.get(key), failureOf)),
      '[method]store.set': declare((_guest, { store }: Store, key: string, value: Uint8Array) =>
        attempt(() => store.set(key, value), failureOf),
      ),
      '[method]store.delete': declare((_guest, { store }: Store, key: string) =>
        attempt(() => store.delete(key), failureOf),
      ),
      '[method]store.exists': declare((_guest, { store }: Store, key: string) =>
        attempt(() => store.exists(key), failureOf),
      ),
      '[method]store.get-keys': declare((_guest, { store }: Store) => attempt(() => store.keys(), failureOf)),
    },
  };
}

export function keyValueV3(stores: StoreAccess, declare: Declare): HostInterface<Guest> {
  const { resources, functions } = keyValueV2(stores, declare);
  return {
    resources,
    functions: {
      ...functions,
      '[method]store.get-keys': declare((_guest, { store }: Store) =>
        andThen(
          attempt(() => store.keys(), failureOf),
          (answer: Result<readonly string[], KeyValueFailure>) =>
            answer.tag === 'ok' ? listStream(answer.val) : listStream([], answer),
        ),
      ),
    },
  };
}
