// A resource that a guest defines, as the host and other component instances hold it: opaque, and owned or borrowed.
import { Trap } from '../host-interface.ts';
import type { Representation } from './handles.ts';
import type { GuestDefinedResource } from './resource-identity.ts';

/** The instance that a guest resource lives in. */
export interface GuestResourceOwner {
  /** Changes when the instance has been reset: resources made before are gone. */
  readonly generation: number;
  /** Runs the destructor in the defining component instance, unless the instance has been reset since `generation`. */
  destroy(resource: GuestDefinedResource, rep: Representation, generation: number): void;
  /** Whatever host objects were on their way have come where they belong. */
  arrived(): void;
  /** What the host does for the guest has failed outside of a call: that ends the guest's. */
  failed(error: unknown): void;
}

export class GuestResource implements Disposable {
  readonly #owner: GuestResourceOwner;
  readonly #type: GuestDefinedResource;
  readonly #rep: Representation;
  readonly #generation: number;
  #state: 'owned' | 'borrowed' | 'moved';

  constructor(owner: GuestResourceOwner, type: GuestDefinedResource, rep: Representation, state: 'owned' | 'borrowed') {
    this.#owner = owner;
    this.#type = type;
    this.#rep = rep;
    this.#generation = owner.generation;
    this.#state = state;
  }

  /** WIT name of its type. */
  get typeName(): string {
    return this.#type.name;
  }

  /** The representation, to lend it. */
  borrow(owner: GuestResourceOwner, type: GuestDefinedResource): Representation {
    if (this.#owner !== owner || this.#type !== type || this.#generation !== owner.generation) {
      throw new Trap(`resource of type ${this.#type.name} used where ${type.name} of this instance is expected`);
    }
    if (this.#state === 'moved') {
      throw new Trap(`resource of type ${this.#type.name} was already given away or dropped`);
    }
    return this.#rep;
  }

  /** The representation, to give it away. */
  move(owner: GuestResourceOwner, type: GuestDefinedResource): Representation {
    const rep = this.borrow(owner, type);
    if (this.#state === 'borrowed') {
      throw new Trap(`resource of type ${this.#type.name} is borrowed and cannot be passed as own`);
    }
    this.#state = 'moved';
    return rep;
  }

  [Symbol.dispose](): void {
    if (this.#state === 'owned') {
      this.#state = 'moved';
      this.#owner.destroy(this.#type, this.#rep, this.#generation);
    }
  }
}
