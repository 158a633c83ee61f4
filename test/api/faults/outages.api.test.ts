// The beginning of test/faults/outages.faults.test.ts: a short storm, and one hand-over of each kind.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gapsOf, handOvers } from '../../faults/failover/failover.ts';
import { storm } from '../../faults/outages/outages.ts';
import { startTestCluster, type TestCluster } from '../operator/testing/cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster?.stop());

it('the operator asks no more in a storm of 429 than it is allowed to', async () => {
  const { requests, apps, seconds } = await storm(cluster, { status: 429, apps: 5, seconds: 3 });
  expect(requests).toBeLessThan((apps + 14) * seconds * 2);
});

it('of two operators never both write, however the one that leads ends', async () => {
  const flags = [
    '--leader-elect-lease-duration=3s',
    '--leader-elect-renew-deadline=2s',
    '--leader-elect-retry-period=500ms',
  ];
  const found = await handOvers({ cluster, ends: ['SIGTERM', 'SIGKILL', 'SIGSTOP'], flags });
  process.stdout.write(`${gapsOf(found)}\n`);
  expect(found.map(({ end, lateWrites }) => [end, lateWrites])).toEqual([
    ['SIGTERM', []],
    ['SIGKILL', []],
    ['SIGSTOP', []],
  ]);
});
