// The matrix: every scenario, every write and the first events of every watch, every fault. With the proxy between the
// operator's process and a real API server.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../api/operator/testing/cluster.ts';
import { countedBy, runCampaign, summary, table, writeReport } from './run/campaign.ts';
import { settingsFrom } from './run/settings.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster?.stop());

/** Half an hour on two quiet cores; nobody is helped by an end before the last plan on busy ones. */
const DEADLINE_MS = 4 * 3_600_000;

it('the operator comes to the same end, whatever fault there is', { timeout: DEADLINE_MS }, async () => {
  const report = join(import.meta.dirname, '../../bench-results/faults.json');
  const campaign = await runCampaign({
    cluster,
    ...settingsFrom(process.env),
    say: (line) => process.stdout.write(`${line}\n`),
    keep: (soFar) => writeReport(report, soFar),
  });
  const { outcomes } = campaign;
  process.stdout.write(
    `${table(countedBy('kind', outcomes))}\n\n${table(countedBy('scenario', outcomes))}\n\n${summary(campaign)}\n`,
  );
  await writeReport(report, campaign);
  expect(outcomes.filter(({ hasConverged }) => !hasConverged).map(({ plan }) => plan)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(0);
});
