// Two operators at a time, each behind a proxy of its own, while apps are edited without a pause: the one that leads ends in
// some way, and the other takes over (R8).
import { setTimeout as sleep } from 'node:timers/promises';
import { SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { until, type TestCluster } from '../../api/operator/testing/cluster.ts';
import { startOperator, type OperatorProcess } from '../../api/operator/testing/operator-process.ts';
import { OPERATOR } from '../../api/operator/testing/rbac.ts';
import { createFleet, type Fleet } from '../outages/fleet.ts';
import { startFaultyProxy, type FaultyProxy } from '../proxy/faulty-proxy.ts';

/**
 * `SIGTERM`: it gives its lease back. `SIGKILL`: the lease runs out. `SIGSTOP`: the process stands still until another one leads,
 * and then goes on without knowing.
 */
export type End = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP';

export interface HandOver {
  readonly end: End;
  /** From the signal to the first write of the successor; negative when a busy machine had made it lead before. */
  readonly gapMs: number;
  /** Writes of the former leader that came after that. */
  readonly lateWrites: readonly string[];
}

export interface FailoverOptions {
  readonly cluster: TestCluster;
  readonly ends: readonly End[];
  /** Flags of the lease; upstream's times when there are none. */
  readonly flags?: readonly string[];
}

/** Apps that are edited; one after the other, without an end. */
const APPS = 4;
const EDIT_PAUSE_MS = 40;
/** As long as a former leader might still write. */
const AFTERMATH_MS = 500;
const LEASE_DEADLINE_MS = 60_000;

interface Candidate {
  readonly proxy: FaultyProxy;
  readonly operator: OperatorProcess;
}

export async function handOvers({ cluster, ends, flags = [] }: FailoverOptions): Promise<readonly HandOver[]> {
  const fleet = await createFleet(cluster, APPS);
  const edits = startEdits(cluster, fleet);
  const found: HandOver[] = [];
  const running: Candidate[] = [await enter(cluster, fleet, flags)];
  try {
    await until('the first one leads', async () => running[0]?.proxy.writes.length !== 0);
    for (const end of ends) {
      const [leader] = running as [Candidate];
      const successor = await enter(cluster, fleet, flags);
      running.push(successor);
      found.push(await handOver(end, leader, successor));
      running.shift();
      await leader.operator.kill();
      await leader.proxy.stop();
    }
    await edits.stop();
    await fleet.edit('ghcr.io/example/hello:last');
    await fleet.untilAll('ghcr.io/example/hello:last');
    return found;
  } finally {
    await edits.stop();
    for (const { operator, proxy } of running) {
      await operator.kill();
      await proxy.stop();
    }
  }
}

async function enter(cluster: TestCluster, fleet: Fleet, flags: readonly string[]): Promise<Candidate> {
  const { url, certificateAuthority } = cluster.controlPlane;
  const proxy = await startFaultyProxy({ url, certificateAuthority, kill: () => Promise.resolve() });
  const operator = await startOperator({
    kubeconfig: await cluster.controlPlane.kubeconfigFor(OPERATOR.token, proxy),
    flags: ['--leader-elect', `--namespaces=${fleet.namespace}`, ...flags],
  });
  return { proxy, operator };
}

async function handOver(end: End, leader: Candidate, successor: Candidate): Promise<HandOver> {
  // It has seen that another one leads.
  await sleep(AFTERMATH_MS);
  const begun = performance.now();
  const ended = end === 'SIGTERM' ? leader.operator.stop() : undefined;
  if (end === 'SIGKILL') {
    await leader.operator.kill();
  } else if (end === 'SIGSTOP') {
    signal(leader, 'SIGSTOP');
  }
  await until('the other one leads', async () => successor.proxy.writes.length > 0, LEASE_DEADLINE_MS);
  const first = successor.proxy.writes[0]?.at ?? 0;
  if (end === 'SIGSTOP') {
    signal(leader, 'SIGCONT');
    await until('the former one ends', async () => !(await leader.operator.isReady()));
  }
  await ended;
  await sleep(AFTERMATH_MS);
  return {
    end,
    gapMs: Math.round(first - begun),
    lateWrites: leader.proxy.writes
      .filter(({ at }) => at > first)
      .map(
        ({ method, path, at }) => `${end}: ${method} ${path} ${Math.round(at - first)} ms after the successor's first`,
      ),
  };
}

function signal({ operator }: Candidate, name: NodeJS.Signals): void {
  try {
    process.kill(operator.pid, name);
  } catch {
    // expected: on a machine that is too busy it has lost its lease by itself, and has ended.
  }
}

function startEdits({ client }: TestCluster, { namespace }: Fleet): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const work = (async () => {
    for (let edit = 1; !stopped.signal.aborted; edit += 1) {
      const image = `ghcr.io/example/hello:edit-${edit}`;
      await client.patch(SPIN_APPS, { namespace, name: `app-${edit % APPS}` }, 'merge', { spec: { image } });
      await sleep(EDIT_PAUSE_MS);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await work;
    },
  };
}

/** `SIGTERM: 20 times, gap p50 210 ms, most 400 ms` */
export const gapsOf = (all: readonly HandOver[]): string =>
  [...Map.groupBy(all, ({ end }) => end)]
    .map(([end, some]) => {
      const gaps = some.map(({ gapMs }) => gapMs).toSorted((one, other) => one - other);
      return `${end}: ${gaps.length} times, gap p50 ${gaps[Math.floor(gaps.length / 2)]} ms, most ${gaps.at(-1)} ms`;
    })
    .join('; ');
