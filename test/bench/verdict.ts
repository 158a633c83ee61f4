// Whether a figure reaches its target, and the table of that.
import { printTable } from './table.ts';

export type Bound = { readonly atMost: number } | { readonly atLeast: number };

export interface Verdict {
  readonly figure: string;
  /** undefined: not measured in this run. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly bound: Bound;
  /** `no verdict`: the machine was too restless, or the figure was not measured. */
  readonly reached: 'yes' | 'no' | 'no verdict';
}

/** `calm` false: what does not change differed too much between the rounds. */
export function judge(value: number | undefined, bound: Bound, calm: boolean): Verdict['reached'] {
  if (value === undefined || Number.isNaN(value) || !calm) {
    return 'no verdict';
  }
  const holds = 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast;
  return holds ? 'yes' : 'no';
}

export function printVerdicts(verdicts: readonly Verdict[]): void {
  printTable(
    ['target', 'figure', 'wanted', 'reached'],
    verdicts.map(({ figure, value, unit, bound, reached }) => [
      figure,
      value === undefined ? '-' : `${value.toFixed(2)} ${unit}`,
      'atMost' in bound ? `<= ${bound.atMost} ${unit}` : `>= ${bound.atLeast} ${unit}`,
      reached,
    ]),
  );
}
