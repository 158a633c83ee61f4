// Requests at a fixed rate, half on connections that stay open, while an app of two pods gets a new image.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { spinApp } from '../../cluster/testing/spin-apps.ts';
import { NAMESPACE, type World } from './world.ts';

export interface Sent {
  readonly requests: number;
  readonly seconds: number;
  readonly failures: Readonly<Record<string, number>>;
}

export interface Rolling extends Sent {
  readonly perSecond: number;
  /** The same pods for some seconds before, without an update: what fails here is the machine's. */
  readonly before: Sent;
}

/** So often some are sent. */
const TICK_MS = 10;
/** Longer than any pause of a busy machine; a request that takes longer has failed. */
const PATIENCE_MS = 10_000;
/** Before and after, so that connections are open when their pod goes. */
const AROUND_MS = 3_000;
/** About as long as the update takes. */
const CALM_MS = 15_000;

export async function rolling(world: World, images: readonly [string, string], perSecond: number): Promise<Rolling> {
  const { cluster } = world;
  const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', NAMESPACE, ...args);
  await cluster.apply(spinApp(NAMESPACE, 'rolling', { image: images[0], replicas: 2 }));
  await kubectl('wait', '--for=condition=Ready', '--timeout=120s', 'spinapp/rolling');
  const url = await cluster.serviceUrl(NAMESPACE, 'rolling');
  const calm = startRate(url, perSecond);
  await sleep(CALM_MS);
  const before = await calm.stop();
  const load = startRate(url, perSecond);
  await sleep(AROUND_MS);
  await cluster.apply(spinApp(NAMESPACE, 'rolling', { image: images[1], replicas: 2 }));
  await kubectl('wait', '--for=jsonpath={.status.observedGeneration}=2', '--timeout=120s', 'spinapp/rolling');
  await kubectl('wait', '--for=condition=Ready', '--timeout=120s', 'spinapp/rolling');
  while (
    (await kubectl('get', 'pods', '-l', 'core.spinkube.dev/app-name=rolling', '-o', 'name')).trim().split('\n').length >
    2
  ) {
    await sleep(500);
  }
  await sleep(AROUND_MS);
  const report = await load.stop();
  await kubectl('delete', 'spinapp/rolling', '--cascade=foreground', '--timeout=120s');
  return { perSecond, before, ...report };
}

function startRate(url: string, perSecond: number): { stop(): Promise<Sent> } {
  const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: false })];
  const failures: Record<string, number> = {};
  const pending = new Set<Promise<void>>();
  const begun = performance.now();
  let requests = 0;
  // By the clock, not by ticks: a late tick sends what is due.
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond);
    for (; requests < due; requests += 1) {
      const one = ask(url, agents[requests % agents.length]).catch((error: Error) => {
        // expected: counted, and told at the end.
        failures[error.message] = (failures[error.message] ?? 0) + 1;
      });
      pending.add(one);
      void one.finally(() => pending.delete(one));
    }
  }, TICK_MS);
  return {
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - begun) / 1000;
      await Promise.all(pending);
      for (const agent of agents) {
        agent.destroy();
      }
      return { requests, seconds, failures };
    },
  };
}

function ask(url: string, agent: Agent | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    asked.once('error', reject);
    asked.end();
  });
}
