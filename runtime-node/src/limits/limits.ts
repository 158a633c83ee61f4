// What one component may use, and what a process takes on. Plain data: it is given to every serving thread.

export interface Limits {
  /** Bytes that each linear memory of an instance may have (spin-contract.md §5.3 `--max-instance-memory`). */
  readonly instanceMemory: number | undefined;
  /** From the moment a guest begins until its call has ended, in milliseconds; the client gets 504. */
  readonly requestMs: number | undefined;
  /** Time on the processor for one call, in milliseconds; the client gets 504. */
  readonly cpuMs: number | undefined;
  /** A thread whose event loop has stood still this long is replaced: the backstop, always on. */
  readonly stallMs: number;
  /** Calls that run or are suspended at once, over all threads; more wait in the queue. */
  readonly concurrency: number | undefined;
  /** Calls that wait for their turn, over all threads; more get 503. */
  readonly queue: number;
  /** Connections of clients, over all threads; more are closed. */
  readonly connections: number;
}
