// The report of the HTTP benchmark, as data and as tables.
import { ratioOfRounds, spread } from '../stats.ts';
import { printTable } from '../table.ts';
import { printVerdicts, type Verdict } from '../verdict.ts';
import type { IdleMemory } from './memory.ts';
import type { Rounds } from './rounds.ts';
import { OURS } from './servers.ts';
import type { Starts } from './starts.ts';

export interface HttpReport {
  readonly date: string;
  readonly node: string;
  readonly command: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly cores: number;
  /** False when a source has changed meanwhile: then some starts have loaded the sources, which takes longer. */
  readonly bundled: boolean;
  readonly rounds: readonly Rounds[];
  readonly starts: readonly Starts[];
  readonly memory: readonly IdleMemory[];
  /** Bytes; proportional size of one of twenty processes. */
  readonly many: number | undefined;
  /** Bytes for each request that waits. */
  readonly waiting: number | undefined;
  readonly timeChecks: readonly Rounds[];
}

export function printReport(report: HttpReport, verdicts: readonly Verdict[]): void {
  console.log(
    `${report.date}  Node ${report.node}  ${report.cores} cores, load ${report.loadBefore} before, ${report.loadAfter} after`,
  );
  console.log(`$ ${report.command}\n`);
  if (report.loadBefore > report.cores / 2) {
    console.log('Something else was running on this machine: the figures say little.\n');
  }
  if (!report.bundled) {
    console.log('A source has changed during the run, so the bundle was not used throughout.\n');
  }
  printTable(
    ['guest', 'conns', 'server', 'CPU us/req', 'ours/its CPU', 'req/s', 'ours/its rate', 'p50 ms', 'p99 ms', 'errors'],
    [...report.rounds, ...report.timeChecks].map((row) => loadRow(row, report.rounds)),
  );
  console.log('');
  printTable(
    ['guest', 'server', 'first answer ms'],
    report.starts.map(({ guest, server, firstAnswer }) => [guest, server, range(firstAnswer)]),
  );
  console.log('');
  printTable(
    ['guest', 'server', 'idle: anonymous MB', 'proportional MB', 'after load: anonymous MB', 'proportional MB'],
    report.memory.map(({ guest, server, idle, afterLoad }) => [
      guest,
      server,
      ...[idle, afterLoad].flatMap((figures) => [megabytes(figures.anonymous), megabytes(figures.proportional)]),
    ]),
  );
  console.log('');
  printVerdicts(verdicts);
}

function loadRow(row: Rounds, rounds: readonly Rounds[]): string[] {
  const ours = rounds.find(
    ({ guest, connections, server }) => guest === row.guest && connections === row.connections && server === OURS,
  );
  const against = (kind: 'cpuPerRequest' | 'requestsPerSecond'): string =>
    ours === undefined || ours === row ? '' : `${ratioOfRounds(ours[kind], row[kind]).toFixed(2)}x`;
  return [
    row.guest,
    String(row.connections),
    row.server,
    range(row.cpuPerRequest),
    against('cpuPerRequest'),
    range(row.requestsPerSecond),
    against('requestsPerSecond'),
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

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
