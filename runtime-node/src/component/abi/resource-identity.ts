// What tells one resource type from another at run time; compared by reference.
import type { HostResourceClass } from '../host-interface.ts';
import type { CoreRef } from '../plan.ts';

/** Imports that the host answers with the same class are one type: that is what the host says by doing so. */
export interface HostResource {
  readonly origin: 'host';
  readonly name: string;
  readonly hostClass: HostResourceClass;
}

export interface GuestDefinedResource {
  readonly origin: 'guest';
  readonly name: string;
  /** Component instance that defines it: there a borrow is the representation itself. */
  readonly instance: number;
  readonly destructor: CoreRef | null;
}

export type ResourceIdentity = HostResource | GuestDefinedResource;
