// What watching a guest's time costs a guest that only computes: the same component with and without a limit.
import { measureRounds } from './rounds.ts';
import type { BenchGuest } from './guests.ts';
import { spindle, type ServerKind } from './servers.ts';
import type { Rounds } from './rounds.ts';

/** About five milliseconds of compute, so that what HTTP costs does not hide the guest. */
const COMPUTE: BenchGuest = { name: 'Rust compute', fixture: 'rcompute', path: '/?rounds=5' };

/** A limit that no request reaches. */
const LIMIT = ['--request-timeout', '60s'];

export const UNLIMITED = 'without a limit';
export const LIMITED = 'with a time limit';

interface Plan {
  readonly warmUp: number;
  readonly rounds: number;
  readonly seconds: number;
}

export async function measureTimeChecks(cacheDir: string, plan: Plan): Promise<Rounds[]> {
  const kinds: ServerKind[] = [
    { ...spindle(cacheDir), name: UNLIMITED },
    { ...spindle(cacheDir, LIMIT), name: LIMITED },
  ];
  // Two connections, one for each thread of the smallest machine: nothing waits for anything.
  return measureRounds(COMPUTE, kinds, { ...plan, connections: [2] });
}
