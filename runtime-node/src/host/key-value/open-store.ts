// What a guest holds of a store: the resources of the two generations of interfaces, and how many of them there may be.
import type { ComponentContext, Guest } from '../guest.ts';
import { KeyValueError, otherError, type CompareAndSwap, type KeyValueBackend, type KeyValueStore } from './backend.ts';

/** Spin's tables hold this many stores, and as many compare-and-swaps, per instance. */
const MAX_OPEN = 256;

const OPEN_STORES = Symbol('key-value stores');
const OPEN_SWAPS = Symbol('key-value compare-and-swaps');

class Places {
  #taken = 0;

  take(full: () => KeyValueError): void {
    if (this.#taken === MAX_OPEN) {
      throw full();
    }
    this.#taken += 1;
  }

  giveBack(): void {
    this.#taken -= 1;
  }
}

const storePlaces = (guest: Guest): Places => guest.state(OPEN_STORES, () => new Places());
const swapPlaces = (guest: Guest): Places => guest.state(OPEN_SWAPS, () => new Places());

/** Takes a place until it is dropped. */
abstract class Placed implements Disposable {
  #places: Places | undefined;

  constructor(places: Places, full: () => KeyValueError) {
    places.take(full);
    this.#places = places;
  }

  [Symbol.dispose](): void {
    this.#places?.giveBack();
    this.#places = undefined;
  }
}

class OpenStore extends Placed {
  readonly store: KeyValueStore;

  constructor(guest: Guest, store: KeyValueStore) {
    super(storePlaces(guest), () => new KeyValueError({ tag: 'store-table-full' }));
    this.store = store;
  }
}

/** `store` of fermyon:spin/key-value@2.0.0. */
export class Store extends OpenStore {}

/** `bucket` of wasi:keyvalue/store. */
export class Bucket extends OpenStore {}

/** `cas` of wasi:keyvalue/atomics. */
export class Cas extends Placed {
  readonly store: KeyValueStore;
  readonly swap: CompareAndSwap;

  constructor(guest: Guest, store: KeyValueStore, key: string) {
    super(swapPlaces(guest), () => otherError('too many compare_and_swaps opened'));
    this.store = store;
    this.swap = store.compareAndSwap(key);
  }
}

/** Who may open which store. */
export interface StoreAccess {
  /** Undefined when the component may not open this label. */
  allowed(component: ComponentContext, label: string): KeyValueBackend | undefined;
}

/** The store of a label, if the component may have it: permission comes before existence. */
export function storeFor(stores: StoreAccess, guest: Guest, label: string): KeyValueStore | Promise<KeyValueStore> {
  const backend = stores.allowed(guest.component, label);
  if (backend === undefined) {
    throw new KeyValueError({ tag: 'access-denied' });
  }
  return backend.store(label);
}
