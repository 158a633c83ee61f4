import { describe, expect, it } from 'vitest';
import type { OperatorReport } from './report.ts';
import { verdicts } from './targets.ts';

const EMPTY: OperatorReport = {
  date: '',
  node: '',
  command: '',
  cores: 2,
  loadBefore: 0,
  loadAfter: 0,
  burst: undefined,
  edits: undefined,
  start: undefined,
  idle: undefined,
};
const MEBIBYTE = 1024 * 1024;

const of = (report: Partial<OperatorReport>, figure: string): unknown =>
  verdicts({ ...EMPTY, ...report })
    .filter((verdict) => verdict.figure.includes(figure))
    .map(({ value, reached }) => [value, reached]);

const burst = (ours: readonly number[], bare: readonly number[]): Partial<OperatorReport> => ({
  burst: [
    ...bare.map((doneSeconds) => ({ by: 'bare client' as const, createdSeconds: 1, doneSeconds, cpuSeconds: 1 })),
    ...ours.map((doneSeconds) => ({
      by: 'operator' as const,
      createdSeconds: 1,
      doneSeconds,
      cpuSeconds: 1,
      operator: { cpuSeconds: 1, resident: 0, peak: 128 * MEBIBYTE, restingBytes: 0, requestsPerApp: 4 },
    })),
  ],
});

describe('the verdicts', () => {
  it('say nothing of what was not measured', () => {
    expect(verdicts(EMPTY).map(({ reached }) => reached)).toEqual(verdicts(EMPTY).map(() => 'no verdict'));
  });

  it.each<[string, readonly number[], readonly number[], [number, string]]>([
    ['is reached at 1.5 times', [15], [10], [1.5, 'yes']],
    ['is missed beyond', [16], [10], [1.6, 'no']],
    ['is of rounds beside each other', [15, 30, 45], [10, 20, 15], [1.5, 'yes']],
    ['is not judged on a machine that was restless', [15, 30], [10, 21], [(1.5 + 30 / 21) / 2, 'no verdict']],
  ])('the time of a burst %s', (_, ours, bare, verdict) => {
    expect(of(burst(ours, bare), 'time in units')).toEqual([verdict]);
  });

  it('memory is in MiB', () => {
    expect(of(burst([1], [1]), 'burst: memory')).toEqual([[128, 'yes']]);
  });
});
