// The targets of the operator's benchmark and whether a report reaches them. Pure arithmetic on a report.
import { ratioOfRounds, spread, steady } from '../stats.ts';
import { judge, type Bound, type Verdict } from '../verdict.ts';
import type { EditRun } from './edits.ts';
import type { OperatorReport } from './report.ts';

const MEBIBYTE = 1024 * 1024;

interface Target {
  readonly figure: string;
  readonly unit: string;
  readonly bound: Bound;
  /** Undefined: not measured; `calm` false: what does not change was restless. */
  readonly measure: (report: OperatorReport) => { readonly value: number; readonly calm?: boolean } | undefined;
}

const TARGETS: readonly Target[] = [
  {
    figure: 'burst: time in units of a client that only writes',
    unit: 'x',
    bound: { atMost: 1.5 },
    measure: ({ burst }) => {
      const [ours, bare] = (['operator', 'bare client'] as const).map((by) =>
        (burst ?? []).filter((round) => round.by === by).map(({ doneSeconds }) => doneSeconds),
      );
      return ours?.length && bare?.length ? { value: ratioOfRounds(ours, bare), calm: steady(bare) } : undefined;
    },
  },
  {
    figure: 'burst: memory at its peak',
    unit: 'MiB',
    bound: { atMost: 128 },
    measure: ({ burst }) =>
      median(
        burst?.flatMap(({ operator }) => operator?.peak ?? []),
        MEBIBYTE,
      ),
  },
  {
    figure: 'start with many apps: caches synced',
    unit: 's',
    bound: { atMost: 10 },
    measure: ({ start }) => median(start?.map(({ readySeconds }) => readySeconds)),
  },
  {
    figure: 'start with many apps: memory at its peak',
    unit: 'MiB',
    bound: { atMost: 256 },
    measure: ({ start }) =>
      median(
        start?.map(({ figures }) => figures.peak),
        MEBIBYTE,
      ),
  },
  {
    figure: 'start with many apps: writes',
    unit: 'requests',
    bound: { atMost: 0 },
    measure: ({ start }) => median(start?.map(({ writes }) => writes)),
  },
  {
    figure: 'idle: requests beyond lease and watches',
    unit: 'requests',
    bound: { atMost: 0 },
    measure: ({ idle }) => (idle === undefined ? undefined : { value: idle.requests }),
  },
  { figure: 'edits: p50', unit: 'ms', bound: { atMost: 20 }, measure: (report) => edited(report, 'operator', 'p50') },
  { figure: 'edits: p99', unit: 'ms', bound: { atMost: 100 }, measure: (report) => edited(report, 'operator', 'p99') },
  {
    figure: 'edits beside a hot app: p50 in units of it without',
    unit: 'x',
    bound: { atMost: 2 },
    measure: (report) => besideHot(report, 'p50'),
  },
  {
    figure: 'edits beside a hot app: p99 in units of it without',
    unit: 'x',
    bound: { atMost: 2 },
    measure: (report) => besideHot(report, 'p99'),
  },
];

function median(values: readonly number[] | undefined, unit = 1): { readonly value: number } | undefined {
  return values?.length ? { value: spread(values).median / unit } : undefined;
}

type Which = 'p50' | 'p99';

const roundsOf = ({ edits = [] }: OperatorReport, run: EditRun, which: Which): number[] =>
  edits.filter((one) => one.run === run).map(({ fromSent }) => fromSent[which]);

function edited(report: OperatorReport, run: EditRun, which: Which): ReturnType<Target['measure']> {
  const value = median(roundsOf(report, run, which));
  return value === undefined ? undefined : { ...value, calm: steady(roundsOf(report, 'bare client', 'p50')) };
}

function besideHot(report: OperatorReport, which: Which): ReturnType<Target['measure']> {
  const [hot, cool] = [roundsOf(report, 'operator, a hot app', which), roundsOf(report, 'operator', which)];
  return hot.length === 0
    ? undefined
    : { value: ratioOfRounds(hot, cool), calm: steady(roundsOf(report, 'bare client', 'p50')) };
}

export const verdicts = (report: OperatorReport): Verdict[] =>
  TARGETS.map(({ figure, unit, bound, measure }) => {
    const measured = measure(report);
    return {
      figure: `operator, ${figure}`,
      value: measured?.value,
      unit,
      bound,
      reached: judge(measured?.value, bound, measured?.calm ?? true),
    };
  });
