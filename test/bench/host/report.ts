// The report of the host benchmark, as data, as tables, and against the targets.
import { OURS } from '../http/servers.ts';
import type { Rounds } from '../http/rounds.ts';
import { ratioOfRounds, spread, steady } from '../stats.ts';
import { printTable } from '../table.ts';
import { judge, printVerdicts, type Verdict } from '../verdict.ts';
import { PLAIN } from './servers.ts';
import type { Waiting } from './waiting.ts';
import { WORKS } from './work.ts';

/** Issue 7: a thousand guests that wait a second each are done by then. */
const WAITING_SECONDS = 2.5;
const MEGABYTE = 1_000_000;

export interface HostReport {
  readonly date: string;
  readonly node: string;
  readonly command: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly cores: number;
  readonly connections: number;
  readonly works: readonly { readonly work: string; readonly rounds: readonly Rounds[] }[];
  readonly waiting: Waiting | undefined;
}

export function printReport(report: HostReport, judged: readonly Verdict[]): void {
  console.log(
    `${report.date}  Node ${report.node}  ${report.cores} cores, load ${report.loadBefore} before, ${report.loadAfter} after`,
  );
  console.log(`$ ${report.command}\n`);
  if (report.loadBefore > report.cores / 2) {
    console.log('Something else was running on this machine: the figures say little.\n');
  }
  printTable(
    ['call', 'server', 'req/s', 'ours/its rate', 'CPU us/req', 'ours/its CPU', 'p50 ms', 'p99 ms', 'errors'],
    report.works.flatMap(({ work, rounds }) => rounds.map((row) => loadRow(work, row, rounds))),
  );
  if (report.waiting !== undefined) {
    printWaiting(report.waiting);
  }
  console.log('');
  printVerdicts(judged);
}

function loadRow(work: string, row: Rounds, rounds: readonly Rounds[]): string[] {
  const ours = rounds.find(({ server }) => server === OURS);
  const against = (kind: 'cpuPerRequest' | 'requestsPerSecond'): string =>
    ours === undefined || ours === row ? '' : `${ratioOfRounds(ours[kind], row[kind]).toFixed(2)}x`;
  return [
    work,
    row.server,
    range(row.requestsPerSecond),
    against('requestsPerSecond'),
    range(row.cpuPerRequest),
    against('cpuPerRequest'),
    spread(row.p50).median.toFixed(2),
    spread(row.p99).median.toFixed(2),
    String(row.errors),
  ];
}

/** Median, and least and greatest behind it. */
function range(values: readonly number[]): string {
  const { median, min, max } = spread(values);
  return `${Math.round(median)} (${Math.round(min)}-${Math.round(max)})`;
}

const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);

function printWaiting({ before, bursts }: Waiting): void {
  console.log('');
  printTable(
    ['requests that wait 1 s', 'all done after s', 'failed', 'resident MB', 'threads', 'files', 'mappings'],
    [
      ['before', '', '', megabytes(before.resident), ...[before.threads, before.files, before.mappings].map(String)],
      ...bursts.map(({ requests, milliseconds, failed, peak }) => [
        String(requests),
        (milliseconds / 1000).toFixed(2),
        String(failed),
        megabytes(peak.resident),
        ...[peak.threads, peak.files, peak.mappings].map(String),
      ]),
    ],
  );
}

export function verdicts(report: HostReport): Verdict[] {
  const rates = WORKS.flatMap(({ name, atLeast }): Verdict[] => {
    if (atLeast === undefined) {
      return [];
    }
    const rounds = report.works.find(({ work }) => work === name)?.rounds ?? [];
    const [ours, plain] = [OURS, PLAIN].map((server) => rounds.find((one) => one.server === server));
    const value = ours && plain && ratioOfRounds(ours.requestsPerSecond, plain.requestsPerSecond);
    // Requests that failed are no measure of those that were to be answered.
    const calm = plain !== undefined && steady(plain.requestsPerSecond) && ours?.errors === 0 && plain.errors === 0;
    const bound = { atLeast };
    return [{ figure: `${name}, rate over plain node`, value, unit: 'x', bound, reached: judge(value, bound, calm) }];
  });
  const bound = { atMost: WAITING_SECONDS };
  const bursts = report.waiting?.bursts ?? [];
  const slowest = bursts.length === 0 ? undefined : Math.max(...bursts.map(({ milliseconds }) => milliseconds)) / 1000;
  const answered = bursts.every(({ failed }) => failed === 0);
  return [
    ...rates,
    {
      figure: 'requests that wait 1 s, all done, slowest burst',
      value: slowest,
      unit: 's',
      bound,
      reached: judge(slowest, bound, answered),
    },
  ];
}
