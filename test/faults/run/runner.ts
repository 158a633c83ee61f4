// Runs a scenario in a namespace of its own, without a fault to see how it ends, and then with one, to see that it ends the
// same: the same objects and no others, no rollout more, the same status, and then no write.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DEPLOYMENTS, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import type { TestCluster } from '../../api/operator/testing/cluster.ts';
import { OPERATOR } from '../../api/operator/testing/rbac.ts';
import { startFaultyProxy, type FaultyProxy } from '../proxy/faulty-proxy.ts';
import type { TracedWrite } from '../proxy/types.ts';
import { APP } from '../scenarios/objects.ts';
import { endOf, type Scenario } from '../scenarios/scenario.ts';
import { startControllers, type Controllers } from './controllers.ts';
import { differences, look, withoutHistory, type State } from './final-state.ts';
import type { Plan, Recorded } from './plans.ts';
import { World } from './world.ts';

/** The promise that is tried: after the last fault everything is in order within this time (docs/reliability). */
const DEADLINE_MS = 30_000;
/** Nothing may be written for so long once it is. Retries come sooner: 5 ms, doubled, and at most a second after a 429. */
const QUIET_MS = 1_500;
/** A run without faults is over when nothing was written for so long. */
const RECORD_QUIET_MS = 2_000;
/** Before the scenario acts. */
const SETTLED_MS = 500;
/** How long a server stays behind. */
const STALE_MS = 1_500;
const PAUSE_MS = 100;
/** Of watches, what does not end by itself. */
const HELD = new Set(['freeze', 'drop']);

/** How a scenario ends without a fault. */
export interface Ending extends Recorded {
  readonly state: State;
  readonly deployment: DeploymentFate;
}

/** Whether the Deployment of before is that of the end. */
type DeploymentFate = 'none' | 'kept' | 'new';

export interface Outcome {
  readonly plan: string;
  readonly scenario: string;
  readonly kind: string;
  readonly hasConverged: boolean;
  /** False when the run went so that its fault had no occasion. */
  readonly wasReached: boolean;
  readonly recoveryMs: number;
  /** Empty when it has converged. */
  readonly problems: readonly string[];
  readonly writes: readonly TracedWrite[];
  readonly log: readonly string[];
}

/** One that could not be run. */
export const notRun = ({ name, scenario, kind }: Plan, error: unknown): Outcome => ({
  plan: name,
  scenario,
  kind,
  hasConverged: false,
  wasReached: false,
  recoveryMs: 0,
  problems: [error instanceof Error ? error.message : String(error)],
  writes: [],
  log: [],
});

export class Runner {
  readonly #cluster: TestCluster;
  readonly #kubeconfig: string;
  readonly #proxy: FaultyProxy;
  readonly #current: Current;

  constructor(cluster: TestCluster, kubeconfig: string, proxy: FaultyProxy, current: Current) {
    this.#cluster = cluster;
    this.#kubeconfig = kubeconfig;
    this.#proxy = proxy;
    this.#current = current;
  }

  /** Throws when the scenario does not end as it says. */
  async record({ name, given, act, shows, expected }: Scenario): Promise<Ending> {
    return this.#within(async (world) => {
      await this.#prepare(world, given);
      const before = await uidOf(world);
      this.#proxy.inject([]);
      const { starts } = world;
      await act(world);
      const deadline = Date.now() + DEADLINE_MS;
      let end: unknown;
      do {
        if (Date.now() > deadline) {
          throw new Error(`${name} does not end as it should without a fault: ${JSON.stringify(end)}`);
        }
        await this.#quiet(RECORD_QUIET_MS);
        end = shows(endOf((await look(world.client, world.namespace)).objects));
      } while (!isDeepStrictEqual(end, expected) || !(await isToldTruly(world)));
      return {
        isRunning: starts > 0 && world.starts === starts,
        writes: this.#proxy.writes,
        events: new Map(this.#proxy.events),
        state: (await look(world.client, world.namespace)).state,
        deployment: fate(before, await uidOf(world)),
      };
    });
  }

  async run({ given, act }: Scenario, plan: Plan, ending: Ending): Promise<Outcome> {
    return this.#within(async (world) => {
      const { faults } = plan;
      const isStale = faults.some((fault) => 'staleList' in fault);
      await this.#prepare(world, given);
      const before = await uidOf(world);
      this.#proxy.inject(faults);
      if (isStale) {
        // What it reads at this start, it reads again at the next.
        await world.kill();
        await world.start();
        await this.#quiet(SETTLED_MS);
      }
      await act(world);
      const attempt: Attempt = {
        world,
        before,
        ending: isStale ? lenient(ending) : ending,
        isStale,
        isHeld: faults.some((fault) => 'event' in fault && HELD.has(fault.action.kind)),
      };
      let last = Date.now();
      if (isStale) {
        await this.#untilEqual(attempt, last);
        await world.kill();
        await world.start();
        await sleep(STALE_MS);
        this.#proxy.thaw();
        last = Date.now();
      }
      const { problems, at } = await this.#untilEqual(attempt, last);
      const wasReached = this.#current.wasReached;
      return {
        plan: plan.name,
        scenario: plan.scenario,
        kind: plan.kind,
        hasConverged: problems.length === 0,
        wasReached: isStale || wasReached,
        recoveryMs: at,
        problems,
        writes: this.#proxy.writes,
        log: problems.length === 0 ? [] : await world.log(),
      };
    });
  }

  async #prepare(world: World, given: Scenario['given']): Promise<void> {
    this.#proxy.inject([]);
    await given(world);
    await this.#quiet(SETTLED_MS);
  }

  /** Also lets go what a fault holds back, after a while. */
  async #untilEqual(
    { world, before, ending, isStale, isHeld }: Attempt,
    from: number,
  ): Promise<{ readonly problems: readonly string[]; readonly at: number }> {
    let last = from;
    let isThawed = isStale;
    let problems: readonly string[] = [];
    for (;;) {
      if (this.#proxy.spent && !isThawed) {
        isThawed = true;
        this.#current.wasReached = true;
        if (isHeld) {
          await sleep(STALE_MS);
          this.#proxy.thaw();
        }
        last = Date.now();
      }
      problems = await this.#problems(world, before, ending, isStale);
      const at = Date.now() - last;
      if (problems.length === 0 && (await this.#isStill(QUIET_MS))) {
        problems = await this.#problems(world, before, ending, isStale);
        if (problems.length === 0) {
          return { problems, at };
        }
      }
      if (Date.now() - last > DEADLINE_MS) {
        return { problems: problems.length === 0 ? ['it never ceases to write'] : problems, at };
      }
      await sleep(PAUSE_MS);
    }
  }

  async #problems(world: World, before: string | undefined, ending: Ending, isLenient: boolean): Promise<string[]> {
    const { state } = await look(world.client, world.namespace);
    const found = differences(ending.state, isLenient ? withoutHistory(state) : state);
    const now = fate(before, await uidOf(world));
    return [
      ...found,
      ...(isLenient || now === ending.deployment
        ? []
        : [`the Deployment is ${now}, and should be ${ending.deployment}`]),
      ...((await world.isReady()) ? [] : ['the operator is not ready']),
    ];
  }

  async #isStill(ms: number): Promise<boolean> {
    const count = this.#proxy.writes.length;
    const until = Date.now() + ms;
    while (Date.now() < until) {
      await sleep(PAUSE_MS);
      if (this.#proxy.writes.length !== count) {
        return false;
      }
    }
    return true;
  }

  async #quiet(ms: number): Promise<void> {
    while (!(await this.#isStill(ms))) {
      // It asks again.
    }
  }

  async #within<T>(act: (world: World) => Promise<T>): Promise<T> {
    const namespace = await this.#cluster.newNamespace();
    const world = new World({ client: this.#cluster.client, namespace, kubeconfig: this.#kubeconfig });
    this.#current.world = world;
    this.#current.wasReached = false;
    const controllers: Controllers = startControllers(this.#cluster.client, namespace);
    try {
      return await act(world);
    } finally {
      await controllers.stop();
      this.#proxy.inject([]);
      await world.kill();
    }
  }

  stop(): Promise<void> {
    return this.#proxy.stop();
  }
}

/** Whose operator the proxy ends. */
interface Current {
  world: World | undefined;
  wasReached: boolean;
}

interface Attempt {
  readonly world: World;
  readonly before: string | undefined;
  readonly ending: Ending;
  readonly isStale: boolean;
  /** Something does not come until the proxy is thawed. */
  readonly isHeld: boolean;
}

export async function startRunner(cluster: TestCluster): Promise<Runner> {
  const current: Current = { world: undefined, wasReached: false };
  const { url, certificateAuthority } = cluster.controlPlane;
  const proxy = await startFaultyProxy({
    url,
    certificateAuthority,
    kill: async () => {
      await current.world?.kill();
      // As the kubelet does; nobody waits for it here.
      current.world?.restart();
    },
  });
  return new Runner(cluster, await cluster.controlPlane.kubeconfigFor(OPERATOR.token, proxy), proxy, current);
}

const lenient = (ending: Ending): Ending => ({ ...ending, state: withoutHistory(ending.state) });

async function uidOf({ client, namespace }: World): Promise<string | undefined> {
  return (await client.find(DEPLOYMENTS, { namespace, name: APP }))?.metadata.uid;
}

const fate = (before: string | undefined, now: string | undefined): DeploymentFate =>
  now === undefined ? 'none' : now === before ? 'kept' : 'new';

/** What the status says is of the spec as it is now. */
async function isToldTruly({ client, namespace }: World): Promise<boolean> {
  const { items } = await client.list(SPIN_APPS, { namespace });
  return items.every(
    ({ metadata, status }) => status?.observedGeneration === (metadata as { readonly generation?: number }).generation,
  );
}
