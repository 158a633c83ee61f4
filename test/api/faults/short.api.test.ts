// A short selection of the fault matrix (test/faults): the scenarios with the most writes, a crash before and after each of
// them, a lost reply, and an API server that is too busy.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCampaign, summary } from '../../faults/run/campaign.ts';
import { isShort } from '../../faults/run/settings.ts';
import { SCENARIOS } from '../../faults/scenarios/index.ts';
import { startTestCluster, type TestCluster } from '../operator/testing/cluster.ts';

const CHOSEN = ['create with configuration', 'secret of a store rotated'];
/** A minute and a half on two quiet cores; much more on busy ones. */
const DEADLINE_MS = 900_000;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster?.stop());

it(
  'the operator comes to the same end whether it crashes, misses a reply or has to try again',
  async () => {
    const campaign = await runCampaign({
      cluster,
      scenarios: SCENARIOS.filter(({ name }) => CHOSEN.includes(name)),
      chosen: isShort,
      part: { number: 1, of: 1 },
      seed: 1,
      workers: 3,
      say: (line) => process.stdout.write(`${line}\n`),
    });
    process.stdout.write(`${summary(campaign)}\n`);
    expect(campaign.outcomes.filter(({ hasConverged }) => !hasConverged).map(({ plan }) => plan)).toEqual([]);
    expect(campaign.outcomes.length).toBeGreaterThan(CHOSEN.length);
  },
  DEADLINE_MS,
);
