// Time as an argument: what waits, measures or stamps gets a Clock, so that tests need not wait.

export interface Clock {
  /** Milliseconds that only grow; says nothing about the time of day. */
  now(): number;
  /** The time of day, for what others will read. */
  date(): Date;
  /** Calls `task` once after `delayMs`; the answer takes the call back. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
