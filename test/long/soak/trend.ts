// Whether a series grows: the median of the slopes between all pairs of samples (Theil and Sen), which a few samples
// that stand out do not move.

export interface Sample {
  /** Any unit. */
  readonly at: number;
  readonly value: number;
}

/** Growth from the first sample to the last by the median slope. NaN for fewer than two. */
export function growth(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((one, index) =>
    samples.slice(index + 1).map((other) => (other.value - one.value) / (other.at - one.at)),
  );
  const sorted = slopes.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const slope = ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
  const [first, last] = [samples[0], samples.at(-1)];
  return slope * ((last?.at ?? Number.NaN) - (first?.at ?? Number.NaN));
}
