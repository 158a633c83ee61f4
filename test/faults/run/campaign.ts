// Many runs by a few workers, each with a proxy of its own, and what is told of them.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TestCluster } from '../../api/operator/testing/cluster.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { plansOf, shuffled, type Plan } from './plans.ts';
import { startRunner, type Ending, type Outcome, type Runner } from './runner.ts';

export interface CampaignOptions {
  readonly cluster: TestCluster;
  readonly scenarios: readonly Scenario[];
  /** Which plans are run. */
  readonly chosen: (plan: Plan) => boolean;
  /** Of the order. */
  readonly seed: number;
  readonly workers: number;
  readonly say: (line: string) => void;
}

export interface Campaign {
  readonly seed: number;
  readonly durationMs: number;
  /** Writes of each scenario, without faults. */
  readonly recorded: Readonly<Record<string, readonly string[]>>;
  readonly outcomes: readonly Outcome[];
}

export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { cluster, scenarios, chosen, seed, workers, say } = options;
  const started = Date.now();
  const runners = await Promise.all(Array.from({ length: workers }, () => startRunner(cluster)));
  try {
    const endings = new Map<string, Ending>();
    await share(runners, scenarios, async (runner, scenario) => {
      const ending = await runner.record(scenario);
      endings.set(scenario.name, ending);
      say(`${scenario.name}: ${ending.writes.length} writes, ${[...ending.events].map(String).join(' ')}`);
    });
    const all = scenarios.flatMap(({ name }) => plansOf(name, endings.get(name) as Ending)).filter(chosen);
    const outcomes: Outcome[] = [];
    say(`${all.length} plans, seed ${seed}`);
    await share(runners, shuffled(all, seed), async (runner, plan) => {
      const scenario = scenarios.find(({ name }) => name === plan.scenario) as Scenario;
      const outcome = await runner.run(scenario, plan, endings.get(plan.scenario) as Ending);
      outcomes.push(outcome);
      if (outcomes.length % PROGRESS === 0) {
        say(`${outcomes.length} of ${all.length}`);
      }
      if (!outcome.hasConverged) {
        say(`NOT CONVERGED ${outcome.plan}\n  ${outcome.problems.slice(0, MAX_PROBLEMS).join('\n  ')}`);
      }
    });
    return {
      seed,
      durationMs: Date.now() - started,
      recorded: Object.fromEntries(
        [...endings].map(([name, { writes }]) => [name, writes.map(({ method, path }) => `${method} ${path}`)]),
      ),
      outcomes,
    };
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
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
  const converged = outcomes.filter(({ hasConverged }) => hasConverged);
  const times = converged.map(({ recoveryMs }) => recoveryMs).toSorted((one, other) => one - other);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  const unreached = outcomes.filter(({ wasReached }) => !wasReached).length;
  return (
    `${outcomes.length} plans, ${converged.length} converged ` +
    `(recovery p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ${unreached} faults had no occasion; ` +
    `seed ${seed}; ${Math.round(durationMs / 1000)} s)`
  );
}

export async function writeReport(path: string, campaign: Campaign): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(campaign, null, 2)}\n`);
}
