// The targets of the engine benchmark. Pure.
import { spread, steady } from '../stats.ts';
import { judge, type Verdict } from '../verdict.ts';
import type { LoopFigures } from './loop.ts';

/** Reset plus run in the best mode there is, in microseconds: the table of docs/benchmarks.md. */
const TARGETS: Readonly<Record<string, number>> = { rhello: 5, shello: 9, jshello: 60, pyhello: 250 };

export const GUESTS: readonly string[] = Object.keys(TARGETS);

export function verdicts(figures: readonly LoopFigures[]): Verdict[] {
  const calm = steady(figures.map(({ calibration }) => calibration));
  return Object.entries(TARGETS).map(([guest, atMost]) => {
    const byMode = Map.groupBy(
      figures.filter((one) => one.guest === guest),
      ({ mode }) => mode,
    );
    const medians = [...byMode.values()].map((rounds) => spread(rounds.map(({ total }) => total.median)).median);
    const value = medians.length === 0 ? undefined : Math.min(...medians);
    const bound = { atMost };
    return { figure: `reset plus run, ${guest}`, value, unit: 'us', bound, reached: judge(value, bound, calm) };
  });
}
