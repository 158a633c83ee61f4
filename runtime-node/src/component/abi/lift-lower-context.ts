// The guest's side of lifting and lowering, as the compiled codecs use it (CanonicalABI.md LiftLowerContext).
import type { CanonicalOptions } from '../plan.ts';
import type { GuestResourceOwner } from './guest-resource.ts';
import type { InstanceState } from './instance-state.ts';

export interface LiftLowerContext {
  readonly instance: InstanceState;
  readonly encoding: CanonicalOptions['encoding'];
  /** The instantiated component around it, to which guest resources belong. */
  readonly owner: GuestResourceOwner;
  /** Views of the memory; fresh ones after every growth, so never kept across an allocation. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The same bytes with Node's string conversions, which are the fastest there are. */
  readonly text: Buffer;
  /** Begins the lifting of one call's values. */
  beginLift(): void;
  /** Takes from what this call may still make the host copy; traps when that is used up. */
  charge(bytes: number): void;
  /** Traps unless `size` bytes at `pointer` are in memory and the pointer is aligned. */
  checkRange(pointer: number, size: number, alignment: number, what: string): void;
  /** Memory from the guest's realloc, checked. */
  allocate(size: number, alignment: number): number;
}
