// Whether a series grows, however much it goes up and down: what is held at rest has a floor, and a leak raises it.

/** By how much the least of the second half is above the least of the first; NaN for fewer than two. */
export function risenFloor(values: readonly number[]): number {
  const middle = Math.floor(values.length / 2);
  return middle === 0 ? Number.NaN : Math.min(...values.slice(middle)) - Math.min(...values.slice(0, middle));
}
