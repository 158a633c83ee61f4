// `npm run bench -- http`: the same component under Spindle, under wasmtime serve, and beside bare node:http.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machineLoad } from '../process-figures.ts';
import { chained, CHAINED, twoSpindles, twoWasmtimes } from './chaining.ts';
import { GUESTS, guestNamed } from './guests.ts';
import { measureIdle, measureMany, measureWaiting } from './memory.ts';
import { printReport, type HttpReport } from './report.ts';
import { measureRounds } from './rounds.ts';
import { bareNode, spindle, wasmtimeServe } from './servers.ts';
import { measureStarts } from './starts.ts';
import { verdicts } from './targets.ts';
import { measureTimeChecks } from './time-checks.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

const PARTS = ['load', 'chaining', 'starts', 'memory', 'many', 'waiting', 'checks'] as const;

interface Options {
  readonly parts: ReadonlySet<string>;
  readonly guests: readonly string[];
  readonly connections: readonly number[];
  readonly warmUp: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly starts: number;
  readonly restMs: number;
  readonly processes: number;
  readonly waiting: number;
  readonly out: string;
}

export async function benchHttp(args: readonly string[]): Promise<void> {
  const options = parse(args);
  // What a user starts: `npm start` does the same.
  execFileSync(process.execPath, [join(ROOT, 'hack/bundle.ts'), '--if-stale'], { stdio: 'inherit' });
  const before = machineLoad();
  const cache = mkdtempSync(join(tmpdir(), 'spindle-bench-cache-'));
  try {
    const figures = await measure(options, cache);
    const report: HttpReport = {
      date: new Date().toISOString(),
      node: process.version,
      command: `npm run bench -- http ${args.join(' ')}`.trim(),
      loadBefore: before.oneMinute,
      loadAfter: machineLoad().oneMinute,
      cores: before.cores,
      bundled: createRequire(import.meta.url)(join(ROOT, 'cli/bin/bundle.js')).isFresh() as boolean,
      ...figures,
    };
    mkdirSync(options.out, { recursive: true });
    const file = resolve(options.out, `http-${report.date.replaceAll(/[:.]/g, '-')}.json`);
    const judged = verdicts(report);
    writeFileSync(file, `${JSON.stringify({ ...report, verdicts: judged }, null, 2)}\n`);
    printReport(report, judged);
    console.log(`\nRaw figures: ${file}`);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

type Figures = Pick<HttpReport, 'rounds' | 'starts' | 'memory' | 'many' | 'waiting' | 'timeChecks'>;

const say = (line: string): void => console.error(`${new Date().toISOString()} ${line}`);

async function measure(options: Options, cache: string): Promise<Figures> {
  const { parts, guests, starts } = options;
  const ours = spindle(cache);
  const figures = {
    rounds: [] as HttpReport['rounds'][number][],
    starts: [] as HttpReport['starts'][number][],
    memory: [] as HttpReport['memory'][number][],
    many: undefined as number | undefined,
    waiting: undefined as number | undefined,
    timeChecks: [] as HttpReport['timeChecks'][number][],
  };
  for (const guest of parts.has('load') ? guests.map(guestNamed) : []) {
    say(`${guest.name}: load`);
    figures.rounds.push(...(await measureRounds(guest, [ours, wasmtimeServe, bareNode], options)));
  }
  if (parts.has('chaining')) {
    say('chained calls');
    figures.rounds.push(
      ...(await measureRounds(CHAINED, [chained(cache), twoSpindles(cache), twoWasmtimes, bareNode], options)),
    );
  }
  for (const guest of guests.filter((name) => name === 'rhello' || name === 'jshello').map(guestNamed)) {
    if (parts.has('starts')) {
      say(`${guest.name}: starts`);
      const cold = { ...spindle(), name: 'spindle, empty cache' };
      figures.starts.push(...(await measureStarts(guest, [ours, wasmtimeServe, bareNode, cold], starts)));
    }
    for (const kind of parts.has('memory') ? [ours, wasmtimeServe, bareNode] : []) {
      say(`${guest.name}: memory of ${kind.name}`);
      figures.memory.push(await measureIdle(guest, kind, options.restMs));
    }
  }
  if (parts.has('many')) {
    say(`${options.processes} processes`);
    figures.many = await measureMany(guestNamed('rhello'), ours, options.processes);
  }
  if (parts.has('waiting')) {
    say(`${options.waiting} requests that wait`);
    figures.waiting = await measureWaiting(ours, Math.ceil(options.waiting / 10), options.waiting);
  }
  if (parts.has('checks')) {
    say('time checks');
    figures.timeChecks.push(...(await measureTimeChecks(cache, options)));
  }
  return figures;
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      guests: { type: 'string', default: GUESTS.map(({ fixture }) => fixture).join(',') },
      connections: { type: 'string', default: '5,50' },
      'warm-up': { type: 'string', default: '8' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      starts: { type: 'string', default: '9' },
      rest: { type: 'string', default: '15' },
      processes: { type: 'string', default: '20' },
      waiting: { type: 'string', default: '300' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  return {
    parts: new Set(values.only.split(',')),
    guests: values.guests.split(','),
    connections: values.connections.split(',').map(Number),
    warmUp: Number(values['warm-up']),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    starts: Number(values.starts),
    restMs: Number(values.rest) * 1000,
    processes: Number(values.processes),
    waiting: Number(values.waiting),
    out: values.out,
  };
}
