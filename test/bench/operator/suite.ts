// `npm run bench -- operator`: the operator on a real API server, each figure beside what the API server needs for the same
// without it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machineLoad } from '../process-figures.ts';
import { printTable } from '../table.ts';
import { printVerdicts } from '../verdict.ts';
import { burst } from './burst.ts';
import { edits } from './edits.ts';
import { idle } from './idle.ts';
import type { OperatorReport } from './report.ts';
import { starts } from './start.ts';
import { verdicts } from './targets.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PARTS = ['burst', 'edits', 'start', 'idle'] as const;
const MEGABYTE = 1_000_000;

export async function benchOperator(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      apps: { type: 'string', default: '1000' },
      many: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '30' },
      minutes: { type: 'string', default: '5' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  // What is run is what is installed.
  execFileSync(process.execPath, [join(ROOT, 'hack/bundle.ts'), '--if-stale', 'operator'], { stdio: 'inherit' });
  const before = machineLoad();
  const parts = values.only.split(',');
  const [apps, rounds] = [Number(values.apps), Number(values.rounds)];
  const part = async <T>(name: (typeof PARTS)[number], measure: () => Promise<T>): Promise<T | undefined> => {
    if (!parts.includes(name)) {
      return undefined;
    }
    console.error(name);
    return measure();
  };
  const editing = { apps, rounds, perSecond: 10, hotPerSecond: 100, seconds: Number(values.seconds) };
  const report: OperatorReport = {
    date: new Date().toISOString(),
    node: process.version,
    command: `npm run bench -- operator ${args.join(' ')}`.trim(),
    cores: before.cores,
    loadBefore: before.oneMinute,
    burst: await part('burst', () => burst(apps, rounds)),
    edits: await part('edits', () => edits(editing)),
    start: await part('start', () => starts(Number(values.many), rounds)),
    idle: await part('idle', () => idle(apps, Number(values.minutes))),
    loadAfter: machineLoad().oneMinute,
  };
  const found = verdicts(report);
  mkdirSync(values.out, { recursive: true });
  const file = resolve(values.out, `operator-${report.date.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ ...report, verdicts: found }, null, 2)}\n`);
  console.log(
    `${report.date}  Node ${report.node}  ${report.cores} cores, load ${report.loadBefore} before, ${report.loadAfter} after`,
  );
  console.log(`$ ${report.command}\n`);
  print(report);
  printVerdicts(found);
  console.log(`\nRaw figures: ${file}`);
}

const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '-' : `${(bytes / MEGABYTE).toFixed(0)} MB`;

function print({ burst: bursts = [], edits: edited = [], start = [], idle: rest }: OperatorReport): void {
  const tables: [readonly string[], readonly (readonly string[])[]][] = [
    [
      ['burst', 'created s', 'all done s', 'CPU s', 'requests/app', 'peak', 'at rest'],
      bursts.map(({ by, createdSeconds, doneSeconds, cpuSeconds, operator }) => [
        by,
        createdSeconds.toFixed(1),
        doneSeconds.toFixed(1),
        cpuSeconds.toFixed(1),
        operator?.requestsPerApp.toFixed(2) ?? '4.00',
        megabytes(operator?.peak),
        megabytes(operator?.restingBytes),
      ]),
    ],
    [
      ['edits by', 'edits', 'p50 ms', 'p90', 'p99', 'from the answer: p50', 'p99', 'lost', 'hot edits/s'],
      edited.map(({ run, edits: count, fromSent, fromAnswered, lost, hotEdits }) => [
        run,
        String(count),
        fromSent.p50.toFixed(1),
        fromSent.p90.toFixed(1),
        fromSent.p99.toFixed(1),
        fromAnswered.p50.toFixed(1),
        fromAnswered.p99.toFixed(1),
        String(lost),
        hotEdits.toFixed(0),
      ]),
    ],
    [
      ['start with apps', 'ready s', 'all looked at s', 'CPU s', 'reads', 'writes', 'peak', 'at rest'],
      start.map((one) => [
        String(one.apps),
        one.readySeconds.toFixed(1),
        one.reconciledSeconds.toFixed(1),
        one.figures.cpuSeconds.toFixed(1),
        String(one.reads),
        String(one.writes),
        megabytes(one.figures.peak),
        megabytes(one.restingBytes),
      ]),
    ],
    [
      ['idle with apps', 'minutes', 'requests', 'of the lease', 'watches', 'memory', 'which'],
      rest === undefined
        ? []
        : [
            [
              String(rest.apps),
              String(rest.minutes),
              String(rest.requests),
              String(rest.leaseRequests),
              String(rest.watches),
              megabytes(rest.residentBytes),
              JSON.stringify(rest.kinds),
            ],
          ],
    ],
  ];
  for (const [head, rows] of tables.filter(([, lines]) => lines.length > 0)) {
    printTable(head, rows);
    console.log('');
  }
}
