// What a list of measurements comes to: medians, spreads, percentiles, and ratios of alternated rounds.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median (mean of the two middle ones for an even count), least and greatest; NaN of nothing. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number): number => sorted[Math.max(0, Math.min(sorted.length - 1, index))] ?? Number.NaN;
  const median = sorted.length % 2 === 0 ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/** The value that `percent` of all values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Median of the ratios of rounds that ran one after the other: what disturbs both of a pair cancels out. */
export function ratioOfRounds(ours: readonly number[], theirs: readonly number[]): number {
  const pairs = Math.min(ours.length, theirs.length);
  return spread(ours.slice(0, pairs).map((value, round) => value / (theirs[round] ?? Number.NaN))).median;
}

/** How much a machine changes under a server that does not: beyond this factor no round says anything. */
const STEADY = 2; // the rule of docs/benchmarks.md

export const steady = (rounds: readonly number[]): boolean => {
  const { min, max } = spread(rounds);
  return max <= STEADY * min;
};
