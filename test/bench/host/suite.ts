// `npm run bench -- host`: a guest that makes one host call a request, against the same work in plain Node with the same
// driver; and a thousand guests that wait at once.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureRounds } from '../http/rounds.ts';
import { machineLoad } from '../process-figures.ts';
import { printReport, verdicts, type HostReport } from './report.ts';
import { guestFor, ours, plain, startOurs } from './servers.ts';
import { startServices, type Services } from './services.ts';
import { measureWaiting, type Waiting } from './waiting.ts';
import { WORKS, type Work } from './work.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

const PARTS = ['load', 'waiting'] as const;

/** What a guest waits for: the origin's answer after a second. */
const SLOW: Work = {
  name: 'waiting for HTTP',
  path: '/http',
  plainPath: '/http',
  service: 'origin',
  argument: ({ origin }) => `${origin}/slow`,
  manifest: ({ origin }) => `allowed_outbound_hosts = ["${origin}"]`,
  atLeast: undefined,
};

interface Options {
  readonly parts: ReadonlySet<string>;
  readonly works: readonly Work[];
  readonly connections: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly requests: number;
  readonly bursts: number;
  readonly out: string;
}

export async function benchHost(args: readonly string[]): Promise<void> {
  const options = parse(args);
  execFileSync(process.execPath, [join(ROOT, 'hack/bundle.ts'), '--if-stale'], { stdio: 'inherit' });
  const before = machineLoad();
  const cache = mkdtempSync(join(tmpdir(), 'spindle-bench-cache-'));
  const waits = options.parts.has('waiting');
  const works = options.parts.has('load') ? options.works : [];
  const services = await startServices(
    new Set([...works, ...(waits ? [SLOW] : [])].flatMap(({ service = [] }) => service)),
  );
  try {
    const report: HostReport = {
      date: new Date().toISOString(),
      node: process.version,
      command: `npm run bench -- host ${args.join(' ')}`.trim(),
      loadBefore: before.oneMinute,
      cores: before.cores,
      connections: options.connections,
      works: await measureWorks(works, services, cache, options),
      waiting: waits ? await waiting(services, cache, options) : undefined,
      loadAfter: machineLoad().oneMinute,
    };
    const judged = verdicts(report);
    mkdirSync(options.out, { recursive: true });
    const file = resolve(options.out, `host-${report.date.replaceAll(/[:.]/g, '-')}.json`);
    writeFileSync(file, `${JSON.stringify({ ...report, verdicts: judged }, null, 2)}\n`);
    printReport(report, judged);
    console.log(`\nRaw figures: ${file}`);
  } finally {
    await services.stop();
    rmSync(cache, { recursive: true, force: true });
  }
}

async function measureWorks(
  works: readonly Work[],
  services: Services,
  cache: string,
  { connections, warmUp, rounds, seconds }: Options,
): Promise<HostReport['works']> {
  const measured: HostReport['works'][number][] = [];
  for (const work of works) {
    console.error(`${new Date().toISOString()} ${work.name}`);
    const kinds = [ours(work, services, cache), plain(work, services)];
    const plan = { connections: [connections], warmUp, rounds, seconds };
    measured.push({ work: work.name, rounds: await measureRounds(guestFor(work, services), kinds, plan) });
  }
  return measured;
}

async function waiting(services: Services, cache: string, { requests, bursts }: Options): Promise<Waiting> {
  console.error(`${new Date().toISOString()} ${requests} requests that wait`);
  const server = await startOurs(guestFor(SLOW, services), SLOW, services, cache);
  try {
    return await measureWaiting(server, requests, bursts);
  } finally {
    await server.stop();
  }
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      works: { type: 'string', default: '' },
      connections: { type: 'string', default: '10' },
      'warm-up': { type: 'string', default: '5' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      requests: { type: 'string', default: '1000' },
      bursts: { type: 'string', default: '3' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  const named = values.works.split(',').filter((name) => name !== '');
  return {
    parts: new Set(values.only.split(',')),
    works: WORKS.filter(({ name }) => named.length === 0 || named.some((part) => name.includes(part))),
    connections: Number(values.connections),
    warmUp: Number(values['warm-up']),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    requests: Number(values.requests),
    bursts: Number(values.bursts),
    out: values.out,
  };
}
