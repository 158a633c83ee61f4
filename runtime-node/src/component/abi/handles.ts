// The handle table of one component instance: numbers from 1, freed numbers given out again last in, first out.
// Enforces what own and borrow mean; never calls the guest or the host. CanonicalABI.md "Resource State", lift_own,
// lift_borrow, lower_own, lower_borrow, canon resource.*.
import { LimitExceeded } from '../../limits/index.ts';
import { Trap } from '../host-interface.ts';
import type { ResourceIdentity } from './resource-identity.ts';

/** wasmtime's default of live handles per store (DEFAULT_MAX_COMPONENT_HANDLES): a guest makes them for free. */
export const MAX_LIVE_HANDLES = 100_000;

/** What a handle stands for: a host object, or the representation that the defining guest gave. */
export type Representation = unknown;

/** Borrow handles that one call was given and has not dropped. */
export interface BorrowScope {
  count: number;
}

/** A handle that a call has borrowed. */
export interface Lent {
  lends: number;
}

interface Handle extends Lent {
  readonly resource: ResourceIdentity;
  readonly rep: Representation;
  readonly own: boolean;
  /** Place in the order of creation over all tables of a store. */
  readonly sequence: number;
  /** How many running calls of this instance have it borrowed. */
  lends: number;
  /** Of a borrow handle: the call that was given it. */
  readonly scope: BorrowScope | undefined;
}

/** What all tables of a store have in common. */
export interface SharedHandles {
  /** Counts handles, so that they can be disposed newest first. */
  next: number;
  /** Host objects that have left a table and not yet reached whom they were passed to. */
  readonly moving: object[];
  /** Handles in all tables. */
  live: number;
}

export const sharedHandles = (): SharedHandles => ({ next: 0, moving: [], live: 0 });

export class HandleTable {
  /** Index 0 is never a handle. */
  #handles: (Handle | undefined)[] = [undefined];
  #free: number[] = [];
  #live = 0;
  /** Of the call that runs now. */
  borrows: BorrowScope = { count: 0 };
  #lenders: Lent[] = [];
  readonly #shared: SharedHandles;

  constructor(shared: SharedHandles) {
    this.#shared = shared;
  }

  /** Handles that are not dropped. */
  get live(): number {
    return this.#live;
  }

  /** Borrow handles that this instance was given for the running call and has not dropped. */
  get borrowed(): number {
    return this.borrows.count;
  }

  insertOwn(resource: ResourceIdentity, rep: Representation): number {
    return this.#insert({ resource, rep, own: true, sequence: this.#shared.next++, lends: 0, scope: undefined });
  }

  insertBorrow(resource: ResourceIdentity, rep: Representation): number {
    const scope = this.borrows;
    scope.count++;
    return this.#insert({ resource, rep, own: false, sequence: this.#shared.next++, lends: 0, scope });
  }

  /** The representation behind a handle of either kind. */
  rep(index: number, resource: ResourceIdentity): Representation {
    return this.#get(index, resource).rep;
  }

  /** The host object behind a handle; for functions at the core ABI, which know the class and not the type. */
  object<T extends object>(index: number, hostClass: abstract new (...args: never[]) => T): T {
    const handle = this.#at(index);
    if (!(handle.rep instanceof hostClass)) {
      throw wrongType(index, hostClass.name, handle.resource);
    }
    return handle.rep;
  }

  /** Lends a handle to the running call; `endLends` gives it back. */
  lend(index: number, resource: ResourceIdentity): Representation {
    const handle = this.#get(index, resource);
    handle.lends++;
    this.#lenders.push(handle);
    return handle.rep;
  }

  /** Marks the place to which `endLends` of the same call returns. */
  beginLends(): number {
    return this.#lenders.length;
  }

  endLends(mark: number): void {
    while (this.#lenders.length > mark) {
      const handle = this.#lenders.pop();
      if (handle !== undefined) {
        handle.lends--;
      }
    }
  }

  /** Takes what was lent since `mark` from the running call: another goes on meanwhile, and `returnLends` gives it back. */
  takeLends(mark: number): Lent[] {
    return this.#lenders.splice(mark);
  }

  returnLends(lent: readonly Lent[]): void {
    for (const handle of lent) {
      handle.lends--;
    }
  }

  /** The guest moves an own handle out of the table. */
  takeOwn(index: number, resource: ResourceIdentity): Representation {
    const handle = this.#get(index, resource);
    if (handle.lends > 0) {
      throw lent(index);
    }
    if (!handle.own) {
      throw new Trap(`handle index ${index >>> 0} is a borrow and cannot be passed as own`);
    }
    this.#remove(index);
    if (resource.origin === 'host') {
      this.#shared.moving.push(handle.rep as object);
    }
    return handle.rep;
  }

  /** `canon resource.drop` up to the destructor, which is the caller's: true when the handle was an owning one. */
  drop(index: number, resource: ResourceIdentity): { readonly rep: Representation; readonly own: boolean } {
    const handle = this.#get(index, resource);
    if (handle.lends > 0) {
      throw lent(index);
    }
    this.#remove(index);
    if (handle.scope !== undefined) {
      handle.scope.count--;
    }
    return handle;
  }

  /** Empties the table to what it was when made, giving out the host objects that it owned. */
  drain(): { readonly object: object; readonly sequence: number }[] {
    const owned: { readonly object: object; readonly sequence: number }[] = [];
    if (this.#handles.length === 1) {
      return owned;
    }
    for (const handle of this.#handles) {
      if (handle?.own === true && handle.resource.origin === 'host') {
        owned.push({ object: handle.rep as object, sequence: handle.sequence });
      }
    }
    this.#handles = [undefined];
    this.#free = [];
    this.#lenders = [];
    this.#shared.live -= this.#live;
    this.#live = 0;
    this.borrows = { count: 0 };
    return owned;
  }

  #insert(handle: Handle): number {
    if (this.#shared.live >= MAX_LIVE_HANDLES) {
      throw new LimitExceeded('handles', { value: MAX_LIVE_HANDLES });
    }
    this.#shared.live++;
    this.#live++;
    const free = this.#free.pop();
    if (free === undefined) {
      return this.#handles.push(handle) - 1;
    }
    this.#handles[free] = handle;
    return free;
  }

  #remove(index: number): void {
    const position = index >>> 0;
    this.#handles[position] = undefined;
    this.#free.push(position);
    this.#shared.live--;
    this.#live--;
  }

  #get(index: number, resource: ResourceIdentity): Handle {
    const handle = this.#at(index);
    if (handle.resource !== resource) {
      throw wrongType(index, resource.name, handle.resource);
    }
    return handle;
  }

  #at(index: number): Handle {
    const handle = this.#handles[index >>> 0];
    if (handle === undefined) {
      throw new Trap(`unknown handle index ${index >>> 0}`);
    }
    return handle;
  }
}

const wrongType = (index: number, expected: string, found: ResourceIdentity): Trap =>
  new Trap(`handle index ${index >>> 0} used with the wrong type, expected ${expected} but found ${found.name}`);

const lent = (index: number): Trap =>
  new Trap(`handle index ${index >>> 0} cannot be dropped or passed on while it is borrowed`);
