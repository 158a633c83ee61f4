// The shape of what this folder gives to the rest of the runtime (implemented by prepare/ and link/).
import type { ComponentPlan } from './plan.ts';
import type { ResetMode } from './reset/types.ts';
import type { ModuleFacts } from './rewrite/types.ts';

/** A component made ready once per digest: plan and compiled core modules; holds no state of any guest. */
export interface PreparedComponent {
  /** `sha256:<hex>` of the component binary, or of what it is made of. */
  readonly digest: string;
  readonly plan: ComponentPlan;
  readonly modules: readonly WebAssembly.Module[];
  /** By index of the module: one that puts the data into the memory of its instance, which it does not have itself. */
  readonly data: ReadonlyMap<number, WebAssembly.Module>;
  /** By index of the module: what the engine needs to know to reset and to limit its instances. */
  readonly facts: readonly ModuleFacts[];
}

/**
 * How calls into an instance run.
 * - `plain`: on the caller's stack; a host function that has to wait ends the call with MustSuspend.
 * - `trial`: the same, and a function that is not repeatable ends it so too, before it does anything: the call can be
 *   thrown away and made again in a new instance.
 * - `suspending`: on a stack of its own, which costs time, and which is suspended while a host function waits.
 */
export type CallMode = 'plain' | 'trial' | 'suspending';

/** A prepared component bound to a host's interfaces: lifts and lowers are made, missing imports were reported. */
export interface LinkedComponent<Guest> {
  /** True when no imported function can wait, so that `plain` always suffices. */
  readonly neverWaits: boolean;
  /** Exported interface names as written, e.g. `wasi:http/incoming-handler@0.2.3`, and root functions under ''. */
  readonly exports: ReadonlyMap<string, readonly string[]>;
  /** How instances are put back for the next guest. */
  readonly reset: ResetInfo;
  readonly instances: InstanceCounts;
  /** Makes an instance ahead, so that the first guest need not wait; throws what a start function throws. */
  warm(): void;
  /** An instance in its first state: a new one, or one that was put back after another guest. */
  instantiate(guest: Guest, mode: CallMode): ComponentInstance;
  /** Lets go of the instances that are kept for further guests. */
  close(): void;
}

export interface ResetInfo {
  readonly mode: ResetMode;
  /** Why no better mode; undefined for the best. */
  readonly reason: string | undefined;
}

/** Of the instances that are kept for further guests. */
export interface InstanceCounts {
  /** Now. */
  readonly free: number;
  /** Dropped so far, since a call has failed in them. */
  readonly failed: number;
  /** Dropped so far, since they could not be put back. */
  readonly notReset: number;
  /** Put back so far. */
  readonly resets: number;
}

/** One guest state: core instances and handle tables. */
export interface ComponentInstance {
  /**
   * Calls an exported function; in suspending mode the answer is always a promise, in the others never.
   * A call that throws (Trap, WebAssembly.RuntimeError, MustSuspend) leaves the instance unusable.
   */
  call(interfaceName: string, functionName: string, args: readonly unknown[]): unknown;
  /**
   * Settles when all that the call has begun has ended: an asynchronous function may go on when it has given its result.
   * Rejects when it fails after that.
   */
  finished(): Promise<void>;
  /**
   * Ends the call that runs now: a wait in progress is rejected with `reason`, so that the guest's stack unwinds and
   * `call` rejects with it; later waits fail the same way. Without a call in progress it only marks the instance dead.
   */
  abort(reason: Error): void;
  /** Disposes every host resource the guest still holds, newest first. Nothing can be called afterwards. */
  dispose(): void;
  /** After `dispose`, once nobody looks at the instance any more: it is put back for another guest, or dropped. */
  release(): void;
}
