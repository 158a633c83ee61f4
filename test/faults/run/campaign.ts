// Many runs by a few workers, each with a proxy of its own, and what is told of them.
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { dirname } from 'node:path';
import type { TestCluster } from '../../api/operator/testing/cluster.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { partOf, plansOf, shuffled, type Plan } from './plans.ts';
import type { Part } from './settings.ts';
import { notRun, startRunner, type Ending, type Outcome, type Runner } from './runner.ts';

export interface CampaignOptions {
  readonly cluster: TestCluster;
  readonly scenarios: readonly Scenario[];
  /** Which plans are run. */
  readonly chosen: (plan: Plan) => boolean;
  readonly part: Part;
  /** Of the order. */
  readonly seed: number;
  readonly workers: number;
  readonly say: (line: string) => void;
  /** Told now and then, so that a run that is broken off leaves what it has found. */
  readonly keep?: (soFar: Campaign) => Promise<void>;
}

export interface Campaign {
  readonly seed: number;
  readonly part: Part;
  readonly durationMs: number;
  /** Writes of each scenario, without faults. */
  readonly recorded: Readonly<Record<string, readonly string[]>>;
  readonly outcomes: readonly Outcome[];
}

export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { cluster, scenarios, chosen, part, seed, workers, say, keep } = options;
  const started = Date.now();
  const runners = await Promise.all(Array.from({ length: workers }, () => startRunner(cluster)));
  try {
    const endings = new Map<string, Ending>();
    await share(runners, scenarios, async (runner, scenario) => {
      const ending = await runner.record(scenario);
      endings.set(scenario.name, ending);
      say(`${scenario.name}: ${ending.writes.length} writes, ${[...ending.events].map(String).join(' ')}`);
    });
    const chosenPlans = scenarios.flatMap(({ name }) => plansOf(name, endings.get(name) as Ending)).filter(chosen);
    const all = partOf(shuffled(chosenPlans, seed), part);
    const outcomes: Outcome[] = [];
    const soFar = (): Campaign => ({
      seed,
      part,
      durationMs: Date.now() - started,
      recorded: Object.fromEntries(
        [...endings].map(([name, { writes }]) => [name, writes.map(({ method, path }) => `${method} ${path}`)]),
      ),
      outcomes,
    });
    say(`${all.length} plans${part.of > 1 ? ` of ${chosenPlans.length}` : ''}, seed ${seed}`);
    await share(runners, all, async (runner, plan) => {
      const scenario = scenarios.find(({ name }) => name === plan.scenario) as Scenario;
      const outcome = await attempt(runner, scenario, plan, endings.get(plan.scenario) as Ending);
      outcomes.push(outcome);
      if (outcomes.length % PROGRESS === 0) {
        say(`${outcomes.length} of ${all.length}`);
        await keep?.(soFar());
      }
      if (!outcome.hasConverged) {
        say(`NOT CONVERGED ${outcome.plan}\n  ${outcome.problems.slice(0, MAX_PROBLEMS).join('\n  ')}`);
      }
    });
    return soFar();
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

/** A run that cannot be made fails, and the others go on. */
async function attempt(runner: Runner, scenario: Scenario, plan: Plan, ending: Ending): Promise<Outcome> {
  try {
    return await runner.run(scenario, plan, ending);
  } catch (error) {
    // expected: never; it is told with its plan.
    return notRun(plan, error);
  }
}

const MAX_PROBLEMS = 8;
/** Plans between two lines that say how far it is. */
const PROGRESS = 100;

/** An error of one ends the others at their next item. */
async function share<T>(
  runners: readonly Runner[],
  items: readonly T[],
  act: (runner: Runner, item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const ends = await Promise.allSettled(
    runners.map(async (runner) => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) {
        try {
          await act(runner, item);
        } catch (error) {
          left.length = 0;
          throw error;
        }
      }
    }),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}

/** `420 plans, 420 converged`, and how fast. */
export function summary({ outcomes, seed, durationMs }: Campaign): string {
  const { recoveryP50Ms, recoveryP99Ms } = recovery(outcomes);
  const unreached = outcomes.filter(({ wasReached }) => !wasReached).length;
  return (
    `${outcomes.length} plans, ${outcomes.filter(({ hasConverged }) => hasConverged).length} converged ` +
    `(recovery p50 ${recoveryP50Ms} ms, p99 ${recoveryP99Ms} ms; ${unreached} faults had no occasion; ` +
    `seed ${seed}; ${Math.round(durationMs / 1000)} s)`
  );
}

interface Counted {
  readonly name: string;
  readonly plans: number;
  readonly converged: number;
  readonly recoveryP50Ms: number;
  readonly recoveryP99Ms: number;
}

/** By `kind` of fault or by `scenario`. */
export function countedBy(what: 'kind' | 'scenario', outcomes: readonly Outcome[]): readonly Counted[] {
  const groups = Map.groupBy(outcomes, (outcome) => outcome[what]);
  return [...groups.keys()].toSorted().map((name) => {
    const group = groups.get(name) ?? [];
    return {
      name,
      plans: group.length,
      converged: group.filter(({ hasConverged }) => hasConverged).length,
      ...recovery(group),
    };
  });
}

function recovery(outcomes: readonly Outcome[]): Pick<Counted, 'recoveryP50Ms' | 'recoveryP99Ms'> {
  const times = outcomes
    .flatMap(({ hasConverged, recoveryMs }) => (hasConverged ? [recoveryMs] : []))
    .toSorted((one, other) => one - other);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { recoveryP50Ms: at(0.5), recoveryP99Ms: at(0.99) };
}

/** One line each. */
export const table = (counted: readonly Counted[]): string =>
  counted
    .map(
      ({ name, plans, converged, recoveryP50Ms, recoveryP99Ms }) =>
        `${name.padEnd(44)} ${plans} plans, ${converged} converged, p50 ${recoveryP50Ms} ms, p99 ${recoveryP99Ms} ms`,
    )
    .join('\n');

/** All of it, but what was written and said by those that converged. */
export async function writeReport(path: string, campaign: Campaign): Promise<void> {
  const { outcomes, ...rest } = campaign;
  const report = {
    date: new Date().toISOString(),
    node: process.version,
    command: 'npm run test:faults',
    cores: availableParallelism(),
    load: loadavg()[0],
    summary: summary(campaign),
    ...rest,
    byFault: countedBy('kind', outcomes),
    byScenario: countedBy('scenario', outcomes),
    failures: outcomes.filter(({ hasConverged }) => !hasConverged),
    outcomes: outcomes
      .map(({ plan, hasConverged, wasReached, recoveryMs }) => ({ plan, hasConverged, wasReached, recoveryMs }))
      .toSorted((one, other) => (one.plan < other.plan ? -1 : 1)),
  };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(report, null, 1)}\n`);
}
