// What no single request's fault is: connections that stand still, storms of refusals, an API server that starts again and
// again, leaders that end in every way.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../api/operator/testing/cluster.ts';
import { gapsOf, handOvers, type End } from './failover/failover.ts';
import { halfOpen, restarts, storm } from './outages/outages.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster?.stop());

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const times = (end: End, count: number): End[] => Array.from({ length: count }, () => end);

describe('the operator', () => {
  it('notices a connection that is half open, by its pings, and has another one', async () => {
    const { noticedAfterMs } = await halfOpen(cluster);
    say(`half-open connection noticed after ${noticedAfterMs} ms`);
    // The answer to the last ping may have been on its way.
    expect(noticedAfterMs).toBeGreaterThan(30_000);
  });

  it.each([429, 503, 500, 410, 409] as const)('bears a storm of %d without one of its own', async (status) => {
    const { requests, seconds, apps } = await storm(cluster, { status, apps: 20, seconds: 10 });
    say(`a storm of ${status}: ${requests} requests in ${seconds} s for ${apps} apps`);
    // A request a second for every app and every watch is what Retry-After asks for; without it the backoff doubles.
    expect(requests).toBeLessThan((apps + 14) * seconds * 2);
  });

  it('goes on after each of many restarts of the API server', async () => {
    await restarts(cluster, { apps: 20, times: 5 });
    expect((await cluster.client.list({ ...NAMESPACES })).items.length).toBeGreaterThan(0);
  });
});

const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false } as const;

describe('of two operators never both write', () => {
  it('when the one that leads is asked to end, and the other takes over at once', async () => {
    const found = await handOvers({ cluster, ends: times('SIGTERM', 20) });
    say(gapsOf(found));
    expect(found.flatMap(({ lateWrites }) => lateWrites)).toEqual([]);
    // The lease of 15 s has not run out; a look comes every 2 s to 4.4 s.
    expect(Math.max(...found.map(({ gapMs }) => gapMs))).toBeLessThan(15_000);
    expect(found.map(({ gapMs }) => gapMs).toSorted((one, other) => one - other)[10]).toBeLessThan(2_000);
  });

  it('when it crashes, or stands still for longer than its lease and goes on', async () => {
    const flags = [
      '--leader-elect-lease-duration=5s',
      '--leader-elect-renew-deadline=4s',
      '--leader-elect-retry-period=500ms',
    ];
    const found = await handOvers({ cluster, ends: [...times('SIGKILL', 10), ...times('SIGSTOP', 10)], flags });
    say(gapsOf(found));
    expect(found.flatMap(({ lateWrites }) => lateWrites)).toEqual([]);
  });
});
