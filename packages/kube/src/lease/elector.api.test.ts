// kube-client 19 on a real API server: several electors, a hand-over, and a leader that was paused.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../../../hack/cluster/control-plane.ts';
import { createClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { resource } from '../client/resource.ts';
import type { KubeClient } from '../client/types.ts';
import { loadClusterAccess } from '../config/load.ts';
import { startTcpProxy } from '../test-support/tcp-proxy.ts';
import { createTransport } from '../transport/http-transport.ts';
import type { Transport } from '../transport/types.ts';
import { startElector, type Elector } from './elector.ts';
import { LEASES } from './lease.ts';

const NAMESPACES = resource({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false });
const CONFIG_MAPS = resource({ group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true });
/** Shorter than in a cluster, as tests wait for them. */
const TIMES = { leaseDurationMs: 4_000, renewDeadlineMs: 3_000, retryPeriodMs: 300 };

let controlPlane: ControlPlane;
let transport: Transport;
let client: KubeClient;
let namespace: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  controlPlane = await startControlPlane();
  const access = await loadClusterAccess({ env: {}, kubeconfig: controlPlane.kubeconfig });
  transport = createTransport(access, { userAgent: 'test' });
  client = createClient(transport, { fieldManager: 'test' });
});
afterAll(async () => {
  await transport?.close();
  await controlPlane?.stop();
});
beforeEach(async () => {
  namespace = `test-${crypto.randomUUID()}`;
  await client.create(NAMESPACES, { metadata: { name: namespace } });
});
afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
  }
});

const enter = (identity: string, onLost: (why: string) => void = () => undefined): Elector =>
  startElector({ client, lease: { namespace, name: 'leader' }, identity, onLost, ...TIMES });

const holder = async (): Promise<string | undefined> =>
  (await client.get(LEASES, { namespace, name: 'leader' })).spec?.holderIdentity;

describe('19: electors', () => {
  it('lead one at a time, and each hands over to the next when it is stopped', async () => {
    let left = ['a', 'b', 'c', 'd'].map((identity) => ({ identity, elector: enter(identity) }));
    const order: string[] = [];
    while (left.length > 0) {
      const [leader, term] = await Promise.race(left.map(async (one) => [one, await one.elector.elected] as const));
      expect(term.isHeld()).toBe(true);
      expect(await holder()).toBe(leader.identity);
      order.push(leader.identity);
      left = left.filter((one) => one !== leader);
      await leader.elector.stop();
      expect(term.isHeld()).toBe(false);
    }
    expect(order.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    const { spec } = await client.get(LEASES, { namespace, name: 'leader' });
    expect(spec).toMatchObject({ holderIdentity: '', leaseTransitions: 3 });
  });

  it('take a lease that is given back at once, not at their next look', async () => {
    // The second one's clock stands still: it looks once, and never by the time.
    const clock: Clock = { now: () => 0, date: () => new Date(), after: () => () => {} };
    const first = enter('first');
    await first.elected;
    const watched = Promise.withResolvers<void>();
    const seen: Transport = {
      request: (request) => transport.request(request),
      stream(request) {
        watched.resolve();
        return transport.stream(request);
      },
      close: () => transport.close(),
    };
    const second = startElector({
      client: createClient(seen, { fieldManager: 'test' }),
      lease: { namespace, name: 'leader' },
      identity: 'second',
      onLost: () => undefined,
      clock,
    });
    await watched.promise;
    await first.stop();
    await second.elected;
    expect(await holder()).toBe('second');
    await second.stop();
  });

  it('lead after a leader that died without a word', async () => {
    const leader = run('first');
    await said(leader, 'elected');
    leader.child.kill('SIGKILL');
    const elector = enter('second');
    expect((await elector.elected).isHeld()).toBe(true);
    await elector.stop();
  });

  it('write nothing any more after a pause in which another one took over', async () => {
    const paused = run('paused');
    await said(paused, 'stopped');
    const elector = enter('successor');
    await elector.elected;
    const before = await client.get(CONFIG_MAPS, { namespace, name: 'written' });
    const exited = once(paused.child, 'exit');
    paused.child.kill('SIGCONT');
    expect(await exited).toEqual([1, null]);
    await said(paused, 'lost: the lease was not renewed for 3 s');
    const after = await client.get(CONFIG_MAPS, { namespace, name: 'written' });
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(await holder()).toBe('successor');
    await elector.stop();
  });

  it('stop to lead when their connection stands still, and know it by themselves', async () => {
    const proxy = await startTcpProxy(Number(new URL(controlPlane.url).port));
    const server = { url: `https://127.0.0.1:${proxy.port}`, certificateAuthority: controlPlane.certificateAuthority };
    const kubeconfig = await controlPlane.kubeconfigFor(controlPlane.adminToken, server);
    const apart = createTransport(await loadClusterAccess({ env: {}, kubeconfig }), { userAgent: 'test' });
    const lost = Promise.withResolvers<string>();
    const isolated = startElector({
      client: createClient(apart, { fieldManager: 'test' }),
      lease: { namespace, name: 'leader' },
      identity: 'isolated',
      onLost: lost.resolve,
      ...TIMES,
    });
    const term = await isolated.elected;
    const elector = enter('successor');
    proxy.freeze();
    expect(await lost.promise).toBe('the lease was not renewed for 3 s');
    expect(term.signal.aborted).toBe(true);
    await elector.elected;
    expect(await holder()).toBe('successor');
    await Promise.all([elector.stop(), isolated.stop(), apart.close(), proxy.close()]);
  });
});

interface ElectorProcess {
  readonly child: ChildProcess;
  /** What it has written so far, in lines. */
  readonly lines: readonly string[];
}

function run(identity: string): ElectorProcess {
  const program = join(import.meta.dirname, '../test-support/elector-process.ts');
  const child = spawn(process.execPath, [program, controlPlane.kubeconfig, namespace, identity], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines };
}

/** Time to start on a busy machine. */
const PATIENCE = { timeout: 30_000 };

async function said(of: ElectorProcess, line: string): Promise<void> {
  await expect.poll(() => of.lines, PATIENCE).toContain(line);
}
