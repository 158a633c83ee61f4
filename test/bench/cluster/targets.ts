// The targets of the cluster's benchmark and whether a report reaches them. Pure arithmetic on a report.
import { percentile } from '../stats.ts';
import { judge, type Bound, type Verdict } from '../verdict.ts';
import type { Way } from './first-answer.ts';
import type { ClusterReport } from './report.ts';
import type { Sent } from './rolling.ts';

const MEGABYTE = 1_000_000;

interface Target {
  readonly figure: string;
  readonly unit: string;
  readonly bound: Bound;
  /** Undefined: not measured. */
  readonly measure: (report: ClusterReport) => number | undefined;
  /** Whether the machine let it be measured; true when absent. */
  readonly isCalm?: (report: ClusterReport) => boolean;
}

const TARGETS: readonly Target[] = [
  {
    figure: 'helm install to operators Ready, p50',
    unit: 's',
    bound: { atMost: 20 },
    measure: ({ installSeconds }) => median(installSeconds),
  },
  {
    figure: 'kubectl apply to the first 200, p50',
    unit: 's',
    bound: { atMost: 2.5 },
    measure: (report) => answered(report, 'kubectl apply'),
  },
  {
    figure: 'spindle deploy to the first 200, p50',
    unit: 's',
    bound: { atMost: 2.5 },
    measure: (report) => answered(report, 'spindle deploy'),
  },
  {
    figure: 'failed requests in a rolling update',
    unit: 'requests',
    bound: { atMost: 0 },
    measure: ({ rolling }) => rolling && failed(rolling),
    isCalm: ({ rolling }) => rolling === undefined || failed(rolling.before) === 0,
  },
  {
    figure: 'image of the operator',
    unit: 'MB',
    bound: { atMost: 70 },
    measure: ({ imageBytes }) => imageBytes.operator / MEGABYTE,
  },
  {
    figure: 'image of the runtime',
    unit: 'MB',
    bound: { atMost: 90 },
    measure: ({ imageBytes }) => imageBytes.runtime / MEGABYTE,
  },
];

const median = (values: readonly number[] | undefined): number | undefined =>
  values?.length ? percentile(values, 50) : undefined;

const failed = ({ failures }: Sent): number => Object.values(failures).reduce((sum, count) => sum + count, 0);

function answered({ firstAnswers = [] }: ClusterReport, way: Way): number | undefined {
  const milliseconds = median(firstAnswers.filter((one) => one.way === way).map(({ steps }) => steps.answered));
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

export const verdicts = (report: ClusterReport): Verdict[] =>
  TARGETS.map(({ figure, unit, bound, measure, isCalm = () => true }) => {
    const value = measure(report);
    return { figure: `cluster, ${figure}`, value, unit, bound, reached: judge(value, bound, isCalm(report)) };
  });
