// 5,000 specs drawn by lot and 500 mistakes, one after the other (R5). SPINDLE_FAULTS_SPECS=<specs>/<mistakes> for fewer.
import { expect, it } from 'vitest';
import { tryWalk } from './specs/try.ts';

/** What the operator may need for thousands of changes of a few apps; issue 6 allows 128 for 1,000 apps. */
const MOST_MIB = 192;

/** Minutes on two quiet cores. */
const DEADLINE_MS = 4 * 3_600_000;

it(
  'comes to what each of 5,000 specs says, tells of each of 500 mistakes, and stays small',
  { timeout: DEADLINE_MS },
  async () => {
    const [valid = 5_000, invalid = 500] = (process.env['SPINDLE_FAULTS_SPECS'] ?? '5000/500').split('/').map(Number);
    const seed = Number(process.env['SPINDLE_FAULTS_SEED'] ?? 1);
    const { problems, steps, refused, told, ownSecrets, apps, isReady, rssMiB } = await tryWalk({
      valid,
      invalid,
      seed,
    });
    process.stdout.write(
      `${steps} specs, ${refused} refused, ${told} told by a condition; ${rssMiB} MiB; seed ${seed}\n`,
    );
    expect(problems).toEqual([]);
    expect(refused + told).toBe(invalid);
    expect(isReady).toBe(true);
    expect(rssMiB).toBeLessThan(MOST_MIB);
    // One runtime configuration each, and one that is still mounted somewhere.
    expect(ownSecrets).toBeLessThanOrEqual(2 * apps);
  },
);
