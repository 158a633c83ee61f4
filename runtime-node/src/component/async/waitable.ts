// What a guest can wait for, and the sets in which it does (CanonicalABI.md "Waitable State"). An event is made when it is
// taken, so that what happens meanwhile is in it.
import { Trap } from '../host-interface.ts';
import type { Event } from './events.ts';

/** A subtask, or an end of a stream or future. */
export abstract class Waitable implements Disposable {
  /** Its index in the table of the component instance that has it. */
  handle = 0;
  #set: WaitableSet | undefined;
  #event: (() => Event) | undefined;
  #waiting: (() => void) | undefined;

  get hasEvent(): boolean {
    return this.#event !== undefined;
  }

  get inSet(): boolean {
    return this.#set !== undefined;
  }

  setEvent(make: () => Event): void {
    this.#event = make;
    this.#set?.becameReady(this);
    this.#waiting?.();
    this.#waiting = undefined;
  }

  takeEvent(): Event {
    const make = this.#event;
    if (make === undefined) {
      throw new Error('there is no event to take');
    }
    this.#event = undefined;
    this.#set?.becameIdle(this);
    return make();
  }

  /** Calls `wake` once there is an event; one caller at a time, as only a guest's own call waits so. */
  onEvent(wake: () => void): void {
    this.#waiting = wake;
  }

  /** Undefined takes it out of its set. */
  join(set: WaitableSet | undefined): void {
    this.#set?.remove(this);
    this.#set = set;
    set?.add(this, this.hasEvent);
  }

  /** The guest is gone, or has let go of it. */
  abstract [Symbol.dispose](): void;
}

export class WaitableSet implements Disposable {
  readonly #members = new Set<Waitable>();
  /** Those with an event, in the order in which they got it. */
  readonly #ready = new Set<Waitable>();
  readonly #wakes = new Set<() => void>();

  get ready(): boolean {
    return this.#ready.size > 0;
  }

  /** The event that has waited longest. */
  take(): Event | undefined {
    for (const waitable of this.#ready) {
      return waitable.takeEvent();
    }
    return undefined;
  }

  /** Calls `wake` when there may be an event; the answer calls that off. */
  onReady(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  add(waitable: Waitable, ready: boolean): void {
    this.#members.add(waitable);
    if (ready) {
      this.becameReady(waitable);
    }
  }

  remove(waitable: Waitable): void {
    this.#members.delete(waitable);
    this.#ready.delete(waitable);
  }

  becameReady(waitable: Waitable): void {
    this.#ready.add(waitable);
    for (const wake of this.#wakes) {
      wake();
    }
  }

  becameIdle(waitable: Waitable): void {
    this.#ready.delete(waitable);
  }

  /** `waitable-set.drop`. */
  drop(): void {
    if (this.#wakes.size > 0) {
      throw new Trap('cannot drop waitable set with waiters');
    }
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const waitable of this.#members) {
      waitable.join(undefined);
    }
  }
}
