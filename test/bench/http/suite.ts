// `npm run bench -- http`: the same component under Spindle, under wasmtime serve, and beside bare node:http.
// Rounds alternate between the servers, so that a noisy machine disturbs all of them alike.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fixturePath } from '../../guests/fixtures.ts';
import { cpuMicroseconds, machineLoad, memory, type MemoryFigures } from '../process-figures.ts';
import { spread, type Spread } from '../stats.ts';
import { load } from './load.ts';
import { printReport } from './report.ts';
import { bareNode, spindle, wasmtimeServe, type RunningServer, type ServerKind } from './servers.ts';

export interface Guest {
  readonly name: string;
  readonly fixture: string;
  readonly path: string;
}

const GUESTS: readonly Guest[] = [
  { name: 'Rust hello', fixture: 'rhello', path: '/' },
  { name: 'spin-sdk hello', fixture: 'shello', path: '/' },
  { name: 'JS hello', fixture: 'jshello', path: '/' },
  { name: 'Rust compute', fixture: 'rcompute', path: '/' },
  { name: 'Rust 1 MB stream', fixture: 'rchunks', path: '/?count=64&size=16384' },
];

export interface Figures {
  readonly guest: string;
  readonly server: string;
  readonly connections: number;
  readonly cpuPerRequest: Spread;
  readonly requestsPerSecond: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  readonly errors: number;
}

export interface IdleFigures {
  readonly guest: string;
  readonly server: string;
  /** Milliseconds from process start to the first answer. */
  readonly start: Spread;
  readonly memory: MemoryFigures;
}

export interface HttpReport {
  readonly date: string;
  readonly node: string;
  readonly command: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly cores: number;
  readonly load: readonly Figures[];
  readonly idle: readonly IdleFigures[];
}

export async function benchHttp(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      guests: { type: 'string', default: GUESTS.map(({ fixture }) => fixture).join(',') },
      connections: { type: 'string', default: '5,50,512' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      starts: { type: 'string', default: '5' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  const guests = GUESTS.filter(({ fixture }) => values.guests.split(',').includes(fixture));
  const before = machineLoad();
  const cache = mkdtempSync(join(tmpdir(), 'spindle-bench-cache-'));
  const servers = [spindle(cache), wasmtimeServe, bareNode];
  const figures: Figures[] = [];
  const idle: IdleFigures[] = [];
  try {
    for (const guest of guests) {
      console.error(`${guest.name}: starts`);
      idle.push(
        ...(await measureStarts(
          guest,
          [{ ...spindle(), name: 'spindle, cold cache' }, ...servers],
          Number(values.starts),
        )),
      );
      for (const connections of values.connections.split(',').map(Number)) {
        console.error(`${guest.name}: ${connections} connections`);
        figures.push(
          ...(await measureLoad(guest, servers, connections, Number(values.rounds), Number(values.seconds))),
        );
      }
    }
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
  const report: HttpReport = {
    date: new Date().toISOString(),
    node: process.version,
    command: `npm run bench -- http ${args.join(' ')}`.trim(),
    loadBefore: before.oneMinute,
    loadAfter: machineLoad().oneMinute,
    cores: before.cores,
    load: figures,
    idle,
  };
  mkdirSync(values.out, { recursive: true });
  const file = resolve(values.out, `http-${report.date.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  printReport(report);
  console.log(`\nRaw figures: ${file}`);
}

/** Each server is started `starts` times, in turn; memory is read from the last, a second after its first answer. */
async function measureStarts(guest: Guest, kinds: readonly ServerKind[], starts: number): Promise<IdleFigures[]> {
  const component = await fixturePath(guest.fixture);
  const times = kinds.map((): number[] => []);
  const memories: MemoryFigures[] = [];
  for (let round = 0; round < starts; round += 1) {
    for (const [index, kind] of kinds.entries()) {
      const server = await kind.start(component, guest.path);
      times[index]?.push(server.firstAnswer);
      if (round === starts - 1) {
        await new Promise((done) => setTimeout(done, 1000));
        memories[index] = memory(server.pid);
      }
      await server.stop();
    }
  }
  return kinds.map(({ name }, index) => ({
    guest: guest.name,
    server: name,
    start: spread(times[index] ?? []),
    memory: memories[index] as MemoryFigures,
  }));
}

async function measureLoad(
  guest: Guest,
  kinds: readonly ServerKind[],
  connections: number,
  rounds: number,
  seconds: number,
): Promise<Figures[]> {
  const component = await fixturePath(guest.fixture);
  const running: RunningServer[] = [];
  try {
    for (const kind of kinds) {
      running.push(await kind.start(component, guest.path));
    }
    const seen = kinds.map(() => ({
      cpu: [] as number[],
      rps: [] as number[],
      p50: [] as number[],
      p99: [] as number[],
      errors: 0,
    }));
    // One round more than is counted: the first lets every engine compile what it runs often.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, server] of running.entries()) {
        const cpuBefore = cpuMicroseconds(server.pid);
        const seenNow = await load(server.baseUrl + guest.path, connections, seconds);
        const figures = seen[index];
        if (round > 0 && figures !== undefined) {
          figures.cpu.push((cpuMicroseconds(server.pid) - cpuBefore) / seenNow.requests);
          figures.rps.push(seenNow.requestsPerSecond);
          figures.p50.push(seenNow.p50);
          figures.p99.push(seenNow.p99);
          figures.errors += seenNow.errors;
        }
      }
    }
    return kinds.map(({ name }, index) => {
      const { cpu = [], rps = [], p50 = [], p99 = [], errors = 0 } = seen[index] ?? {};
      return {
        guest: guest.name,
        server: name,
        connections,
        cpuPerRequest: spread(cpu),
        requestsPerSecond: spread(rps),
        p50: spread(p50),
        p99: spread(p99),
        errors,
      };
    });
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}
