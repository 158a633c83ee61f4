// What every component type compiles to: four closures that move a value between TypeScript and a guest.
import type { CoreValue } from './core-types.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import type { Layout } from './layout.ts';

export interface Codec extends Layout {
  /** True when the type holds a string or a list, whose contents stand in memory even if the rest is flat. */
  readonly usesMemory: boolean;
  /** Values that one value holds, itself included, what is in strings and lists aside: what it costs the host to have. */
  readonly nodes: number;
  /** Reads the value at `pointer`, which the caller has checked to be in bounds and aligned. */
  load(cx: LiftLowerContext, pointer: number): unknown;
  /** Writes the value at `pointer`, which the caller has checked. May call the guest's realloc. */
  store(cx: LiftLowerContext, pointer: number, value: unknown): void;
  /** Reads the value from the flat values that begin at `at`; may overwrite them. */
  lift(cx: LiftLowerContext, flat: CoreValue[], at: number): unknown;
  /** Writes the value to `flat.length` flat values from `at`. May call the guest's realloc. */
  lower(cx: LiftLowerContext, value: unknown, flat: CoreValue[], at: number): void;
}
