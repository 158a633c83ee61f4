// What the system says of this process as a whole, all its threads included.
import { readdirSync } from 'node:fs';

export interface ProcessFacts {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Undefined where /proc is not. */
  readonly openFiles: number | undefined;
  readonly startSeconds: number;
}

const MICROSECONDS = 1e6;

export function processFacts(): ProcessFacts {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / MICROSECONDS,
    residentBytes: process.memoryUsage.rss(),
    openFiles: countOpenFiles(),
    startSeconds: performance.timeOrigin / 1000,
  };
}

function countOpenFiles(): number | undefined {
  try {
    // One of them is this listing.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    // expected: another system
    return undefined;
  }
}
