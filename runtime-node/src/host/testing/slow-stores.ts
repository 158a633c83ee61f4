// The stores of a component with every answer given by a promise, as a store across a network would.
import type { KeyValueBackend, KeyValueStore } from '../key-value/backend.ts';
import type { StoreAccess } from '../key-value/open-store.ts';

export function slowStores(stores: StoreAccess): StoreAccess {
  return {
    allowed(component, label) {
      const backend = stores.allowed(component, label);
      return backend === undefined ? undefined : slowBackend(backend);
    },
  };
}

function slowBackend(backend: KeyValueBackend): KeyValueBackend {
  return {
    summary: backend.summary,
    synchronous: false,
    store: async (label) => slowStore(await backend.store(label)),
    close: async () => backend.close(),
  };
}

function slowStore(store: KeyValueStore): KeyValueStore {
  return {
    get: async (key) => store.get(key),
    set: async (key, value) => store.set(key, value),
    delete: async (key) => store.delete(key),
    exists: async (key) => store.exists(key),
    keys: async () => store.keys(),
    getMany: async (keys) => store.getMany(keys),
    setMany: async (pairs) => store.setMany(pairs),
    deleteMany: async (keys) => store.deleteMany(keys),
    increment: async (key, delta) => store.increment(key, delta),
    compareAndSwap(key) {
      const cas = store.compareAndSwap(key);
      return { key, current: async () => cas.current(), swap: async (value) => cas.swap(value) };
    },
  };
}
