// The beginning of the walk through specs drawn by lot (test/faults/specs.faults.test.ts).
import { expect, it } from 'vitest';
import { MISTAKES } from '../../faults/specs/invalid.ts';
import { tryWalk } from '../../faults/specs/try.ts';

const DEADLINE_MS = 300_000;

it(
  'comes to what each spec says, and tells of each mistake',
  async () => {
    const { problems, refused, told, isReady } = await tryWalk({
      valid: MISTAKES.length * 6,
      invalid: MISTAKES.length,
      seed: 1,
    });
    expect(problems).toEqual([]);
    expect(refused + told).toBe(MISTAKES.length);
    expect(isReady).toBe(true);
  },
  DEADLINE_MS,
);
