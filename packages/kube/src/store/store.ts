// The objects of one type as the watch has told them, indexed. A relist takes the place of everything at once; whoever
// listens is told each difference exactly once, after the store shows it (kube-client 3, 10, 11).
import type { KubeObject, ObjectName } from '../client/resource.ts';
import type { Change } from '../watch/change.ts';
import type { Observed } from '../watch/event.ts';
import { Indexes, type IndexFunctions } from './indexes.ts';
import { keyOf } from './key.ts';
import { deepFrozen, stripped } from './prepare.ts';

export type StoreEvent<T> =
  | { readonly kind: 'added'; readonly object: T & Observed; readonly isInitial: boolean }
  | {
      readonly kind: 'changed';
      readonly object: T & Observed;
      readonly previous: T & Observed;
      readonly isInitial: boolean;
    }
  /** With its last known state. */
  | { readonly kind: 'deleted'; readonly object: T & Observed; readonly isInitial: boolean };

/** Does its work at once: puts a key into a queue, no more (kube-client 9). */
export type StoreHandler<T> = (event: StoreEvent<T>) => void;

export interface StoreOptions<T extends KubeObject, I extends string> {
  /** Keeps what is needed of an object. Its metadata's name, namespace, uid and version must stay. */
  readonly reduce?: (object: T & Observed) => T & Observed;
  readonly indexes?: IndexFunctions<T, I>;
  /** For development and tests: whoever changes an object is told by an exception. */
  readonly freeze?: boolean;
  /** A handler has thrown: a bug. The others are told all the same. */
  readonly onHandlerError?: (error: unknown) => void;
}

export interface ObjectStore<T, I extends string = string> {
  /** Every source has told a whole state once. */
  readonly isSynced: boolean;
  readonly size: number;
  get(name: ObjectName): (T & Observed) | undefined;
  list(namespace?: string): readonly (T & Observed)[];
  by(index: I, value: string): readonly (T & Observed)[];
  /** Told from now on; the answer ends it. */
  listen(handler: StoreHandler<T>): () => void;
  whenSynced(): Promise<void>;
}

/** Where a source's objects are: one namespace, or everywhere. */
interface Source<T> {
  readonly namespace: string | undefined;
  /** The state that is being told. */
  pending: Map<string, T & Observed> | undefined;
  isSynced: boolean;
}

export class Store<T extends KubeObject, I extends string = never> implements ObjectStore<T, I> {
  readonly #options: StoreOptions<T, I>;
  readonly #objects = new Map<string, T & Observed>();
  readonly #indexes: Indexes<T, I>;
  readonly #handlers = new Set<StoreHandler<T>>();
  readonly #sources: Source<T>[] = [];
  readonly #synced = Promise.withResolvers<void>();

  constructor(options: StoreOptions<T, I> = {}) {
    this.#options = options;
    this.#indexes = new Indexes(options.indexes);
  }

  get isSynced(): boolean {
    return this.#sources.length > 0 && this.#sources.every(({ isSynced }) => isSynced);
  }

  get size(): number {
    return this.#objects.size;
  }

  get(name: ObjectName): (T & Observed) | undefined {
    return this.#objects.get(keyOf(name));
  }

  list(namespace?: string): readonly (T & Observed)[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  by(index: I, value: string): readonly (T & Observed)[] {
    return this.#indexes.keys(index, value).flatMap((key) => this.#objects.get(key) ?? []);
  }

  listen(handler: StoreHandler<T>): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  /** What a reflector tells, of one namespace or of all. Each source is made before the first is started. */
  source(namespace?: string): (change: Change<T>) => void {
    const source: Source<T> = { namespace, pending: undefined, isSynced: false };
    this.#sources.push(source);
    return (change) => this.#take(source, change);
  }

  #take(source: Source<T>, change: Change<T>): void {
    switch (change.kind) {
      case 'init':
        source.pending = new Map();
        break;
      case 'init-apply':
        source.pending?.set(keyOf(change.object.metadata), this.#known(change.object));
        break;
      case 'init-delete':
        source.pending?.delete(keyOf(change.object.metadata));
        break;
      case 'init-done':
        this.#swap(source);
        break;
      case 'init-cancelled':
        source.pending = undefined;
        break;
      case 'apply':
        this.#notify(this.#put(this.#prepared(change.object), false));
        break;
      case 'delete':
        this.#notify(this.#remove(change.object, false));
        break;
    }
  }

  #swap(source: Source<T>): void {
    const pending = source.pending ?? new Map<string, T & Observed>();
    source.pending = undefined;
    const events: StoreEvent<T>[] = [];
    for (const [key, object] of this.#objects) {
      if (!pending.has(key) && isWithin(source, object)) {
        events.push(...this.#remove(object, true));
      }
    }
    for (const object of pending.values()) {
      events.push(...this.#put(object, true));
    }
    source.isSynced = true;
    this.#notify(events);
    if (this.isSynced) {
      this.#synced.resolve();
    }
  }

  /** Another object of the same name is a deletion that nobody told, and a new object. */
  #put(object: T & Observed, isInitial: boolean): readonly StoreEvent<T>[] {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (previous?.metadata.uid === object.metadata.uid) {
      if (isSameState(previous, object)) {
        return [];
      }
      this.#indexes.remove(key, previous);
      this.#set(key, object);
      return [{ kind: 'changed', object, previous, isInitial }];
    }
    const deleted = previous === undefined ? [] : this.#remove(previous, isInitial);
    this.#set(key, object);
    return [...deleted, { kind: 'added', object, isInitial }];
  }

  #set(key: string, object: T & Observed): void {
    this.#objects.set(key, object);
    this.#indexes.add(key, object);
  }

  /** The deletion's own state, when it has come, is told; a late one of an earlier object of this name is nothing. */
  #remove(object: T & Observed, isInitial: boolean): readonly StoreEvent<T>[] {
    const key = keyOf(object.metadata);
    const known = this.#objects.get(key);
    if (known?.metadata.uid !== object.metadata.uid) {
      return [];
    }
    this.#objects.delete(key);
    this.#indexes.remove(key, known);
    return [{ kind: 'deleted', object: known === object ? known : this.#prepared(object), isInitial }];
  }

  /** A relist brings mostly what is here already: no second copy of it is made. */
  #known(object: T & Observed): T & Observed {
    const known = this.#objects.get(keyOf(object.metadata));
    return known !== undefined && isSameState(known, object) ? known : this.#prepared(object);
  }

  #prepared(object: T & Observed): T & Observed {
    const { reduce, freeze = false } = this.#options;
    // Whose a field is may be what is needed of an object: `managedFields` go after.
    const reduced = stripped(reduce === undefined ? object : reduce(object));
    return freeze ? deepFrozen(reduced) : reduced;
  }

  #notify(events: readonly StoreEvent<T>[]): void {
    for (const event of events) {
      for (const handler of this.#handlers) {
        try {
          handler(event);
        } catch (error) {
          // expected: never; the other handlers must not miss the event for it.
          this.#options.onHandlerError?.(error);
        }
      }
    }
  }
}

const isWithin = ({ namespace }: { readonly namespace: string | undefined }, { metadata }: Observed): boolean =>
  namespace === undefined || metadata.namespace === namespace;

const isSameState = ({ metadata: one }: Observed, { metadata: other }: Observed): boolean =>
  one.uid === other.uid && one.resourceVersion === other.resourceVersion;
