// What the embedder decides for all instances of a component: how they are put back, and what they may use.
import type { MemoryResetter } from '../reset/types.ts';

export interface EngineOptions {
  /** Puts instances back for the next guest; without it each guest gets a new instance. */
  readonly resetter?: MemoryResetter;
  /** Bytes that each linear memory may have (spin-contract.md §5.3 `--max-instance-memory`). */
  readonly instanceMemory?: number;
  /** Whether memory is short: free instances go then. */
  readonly underPressure?: () => boolean;
  readonly watch?: GuestWatch;
  /** For modules with time checks. */
  readonly interrupt?: Interrupt;
}

/** Hears which guest this thread runs; one at a time, and none while it only waits. */
export interface GuestWatch {
  enter(guest: unknown): void;
  leave(): void;
}

export interface Interrupt {
  /** Shared with the thread that watches the time: not 0 at address 0 asks the guest to stop. */
  readonly memory: WebAssembly.Memory;
  /** Called by the guest when it has found that; throws why it has to stop, or returns and the guest goes on. */
  readonly interrupted: () => void;
}
