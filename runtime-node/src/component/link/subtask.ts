// A call that a guest has made with `async` and that was not over at once: an entry of its table, which gets an event
// when there is a result (CanonicalABI.md "Subtask State").
import type { Lent } from '../abi/handles.ts';
import type { InstanceState } from '../abi/instance-state.ts';
import type { HostResource } from '../abi/resource-identity.ts';
import { BLOCKED, CODE_BITS, EVENT, SUBTASK } from '../async/events.ts';
import { Waitable } from '../async/waitable.ts';
import { Trap } from '../host-interface.ts';

type End = typeof SUBTASK.returned | typeof SUBTASK.cancelled;

export class Subtask extends Waitable {
  readonly #state: InstanceState;
  #lent: readonly Lent[];
  #progress: 'running' | 'ended' | 'delivered' | 'gone' = 'running';
  #cancelled = false;
  /** Asks the callee to end; true when it is over then. */
  #cancel: (() => boolean) | undefined;

  /** `lent`: the handles that the call has borrowed. */
  constructor(state: InstanceState, lent: readonly Lent[]) {
    super();
    this.#state = state;
    this.#lent = lent;
    this.handle = state.handles.insertOwn(SUBTASK_HANDLE, this);
  }

  /** What the lowered function answers. */
  get answer(): number {
    return ((this.handle << CODE_BITS) | SUBTASK.started) >>> 0;
  }

  /** False once nobody is interested in its result. */
  get running(): boolean {
    return this.#progress === 'running';
  }

  onCancel(cancel: () => boolean): void {
    this.#cancel = cancel;
  }

  end(how: End): void {
    this.#progress = 'ended';
    this.setEvent(() => {
      this.#progress = 'delivered';
      this.#state.handles.returnLends(this.#lent);
      this.#lent = [];
      return [EVENT.subtask, this.handle, how];
    });
  }

  /** `subtask.cancel`: how it has ended, or BLOCKED while it has not. */
  requestCancellation(): number {
    if (this.#cancelled || this.#progress === 'delivered') {
      throw new Trap('`subtask.cancel` called after terminal status delivered');
    }
    this.#cancelled = true;
    if (this.#progress === 'running' && this.#cancel?.() === true) {
      this.end(SUBTASK.cancelled);
    }
    return this.hasEvent ? this.takeEvent()[2] : BLOCKED;
  }

  /** `subtask.drop`. */
  drop(): void {
    if (this.#progress !== 'delivered') {
      throw new Trap('cannot drop a subtask which has not yet resolved');
    }
    this.join(undefined);
  }

  [Symbol.dispose](): void {
    this.join(undefined);
    if (this.#progress === 'running') {
      this.#progress = 'gone';
      this.#cancel?.();
    }
  }
}

export const SUBTASK_HANDLE: HostResource = { origin: 'host', name: 'a subtask', hostClass: Subtask };
