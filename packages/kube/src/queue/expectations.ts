// What was written but is not in the store yet. Until it is, a plan for that key would be made from the past and act twice
// (kube-client 18). Versions are compared for equality only.
import type { KubeObject, ObjectName } from '../client/resource.ts';
import { systemClock, type Clock } from '../clock.ts';
import { keyOf } from '../store/key.ts';
import type { ObjectStore } from '../store/store.ts';
import type { QueueKey } from './types.ts';

/** kube-client 18: a watch that is so late is broken, and waiting longer helps nobody. */
const GIVE_UP_MS = 5_000;

interface Pending {
  /** `<uid> <version>` of each state that came since the write was begun, `<uid>` of each deletion. */
  readonly seen: Set<string>;
  unlisten: () => void;
  /** What `seen` must have; undefined until the answer is there. */
  awaited: string | undefined;
  until: number;
}

export interface ExpectationsOptions {
  readonly clock?: Clock;
  /** The last write of the key is in the store: it may be worked on now. */
  readonly onMet?: (key: QueueKey) => void;
}

export class Expectations {
  readonly #clock: Clock;
  readonly #onMet: (key: QueueKey) => void;
  readonly #pending = new Map<string, Set<Pending>>();

  constructor({ clock = systemClock, onMet = () => {} }: ExpectationsOptions = {}) {
    this.#clock = clock;
    this.#onMet = onMet;
  }

  /** `key` is whose work the write is, `name` the object's that is written; `act` answers with what the server made of it. */
  async write<T extends KubeObject, R extends KubeObject>(
    key: QueueKey,
    store: ObjectStore<T>,
    name: ObjectName,
    act: () => Promise<R>,
  ): Promise<R> {
    // From before it is sent: its echo may come before its answer.
    const pending = this.#begin(key, store, name);
    const written = await this.#act(key, pending, act);
    this.#await(key, pending, versionMark(written));
    return written;
  }

  /** The object with this uid is to go, or to be marked as going. */
  async remove<T extends KubeObject, R>(
    key: QueueKey,
    store: ObjectStore<T>,
    object: T & { readonly metadata: { readonly name: string; readonly uid: string } },
    act: () => Promise<R>,
  ): Promise<R> {
    const pending = this.#begin(key, store, object.metadata);
    if (store.get(object.metadata)?.metadata.uid !== object.metadata.uid) {
      // The store has never shown it, or no longer.
      pending.seen.add(object.metadata.uid);
    }
    const answer = await this.#act(key, pending, act);
    this.#await(key, pending, object.metadata.uid);
    return answer;
  }

  /** How long the key should still wait; 0 when everything written is in the stores, or late beyond waiting. */
  gateMs(key: QueueKey): number {
    let gateMs = 0;
    for (const pending of this.#pending.get(keyOf(key)) ?? []) {
      const left = pending.until - this.#clock.now();
      if (left <= 0) {
        this.#drop(key, pending);
      } else if (pending.awaited !== undefined) {
        gateMs = Math.max(gateMs, left);
      }
    }
    return gateMs;
  }

  #begin<T extends KubeObject>(key: QueueKey, store: ObjectStore<T>, name: ObjectName): Pending {
    const pending: Pending = { seen: new Set(), unlisten: () => {}, awaited: undefined, until: Infinity };
    const known = store.get(name);
    if (known !== undefined) {
      // A write that changes nothing is answered with the version that is here already.
      pending.seen.add(versionMark(known));
    }
    const id = keyOf(name);
    pending.unlisten = store.listen(({ kind, object }) => {
      if (keyOf(object.metadata) !== id) {
        return;
      }
      pending.seen.add(versionMark(object));
      if (kind === 'deleted' || object.metadata.deletionTimestamp !== undefined) {
        pending.seen.add(object.metadata.uid);
      }
      this.#check(key, pending);
    });
    this.#pending.set(keyOf(key), (this.#pending.get(keyOf(key)) ?? new Set()).add(pending));
    return pending;
  }

  async #act<R>(key: QueueKey, pending: Pending, act: () => Promise<R>): Promise<R> {
    try {
      return await act();
    } catch (error) {
      // Whether it was done is unknown; the next plan is made from whatever the store shows.
      this.#drop(key, pending);
      throw error;
    }
  }

  #await(key: QueueKey, pending: Pending, mark: string): void {
    pending.awaited = mark;
    pending.until = this.#clock.now() + GIVE_UP_MS;
    this.#check(key, pending);
  }

  #check(key: QueueKey, pending: Pending): void {
    if (pending.awaited === undefined || !pending.seen.has(pending.awaited)) {
      return;
    }
    this.#drop(key, pending);
    if (!this.#pending.has(keyOf(key))) {
      this.#onMet(key);
    }
  }

  #drop(key: QueueKey, pending: Pending): void {
    pending.unlisten();
    const all = this.#pending.get(keyOf(key));
    all?.delete(pending);
    if (all?.size === 0) {
      this.#pending.delete(keyOf(key));
    }
  }
}

const versionMark = ({ metadata: { uid = '', resourceVersion = '' } }: KubeObject): string =>
  `${uid} ${resourceVersion}`;
