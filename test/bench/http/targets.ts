// The targets of the HTTP benchmark and whether a report reaches them. Pure: a table, and arithmetic on a report.
import { ratioOfRounds, spread, steady } from '../stats.ts';
import { judge, type Bound, type Verdict } from '../verdict.ts';
import { CHAINED, TWO_SPINDLES } from './chaining.ts';
import type { IdleMemory } from './memory.ts';
import type { HttpReport } from './report.ts';
import { BARE, OURS, WASMTIME } from './servers.ts';
import { LIMITED, UNLIMITED } from './time-checks.ts';

interface Measured {
  readonly value: number | undefined;
  /** Whether what does not change, the bare server, was steady meanwhile. */
  readonly steady: boolean;
}

interface Target {
  readonly figure: string;
  readonly unit: string;
  readonly bound: Bound;
  readonly measure: (report: HttpReport) => Measured;
}

const MEGABYTE = 1_000_000;
const KILOBYTE = 1000;

/** The connections that the targets name: a few, and enough to queue. */
const FEW = 5;
const MANY = 50;

/** CPU per request over wasmtime serve, requests per second over it: the table of docs/benchmarks.md. */
const AGAINST_WASMTIME: readonly {
  readonly guest: string;
  readonly cpu?: number;
  readonly rate: number;
  readonly p99?: number;
}[] = [
  { guest: 'rhello', cpu: 0.15, rate: 5, p99: 0.5 },
  { guest: 'shello', cpu: 0.11, rate: 6, p99: 0.5 },
  { guest: 'jshello', cpu: 0.13, rate: 5, p99: 0.5 },
  { guest: 'rcompute', cpu: 0.75, rate: 1.2, p99: 0.5 },
  { guest: 'pyhello', rate: 5 },
  { guest: 'rchunks', rate: 1 },
  { guest: 'rhash', rate: 1 },
];

export const TARGETS: readonly Target[] = [
  ...AGAINST_WASMTIME.flatMap(({ guest, cpu, rate, p99 }) =>
    [FEW, MANY].flatMap((connections): Target[] => [
      ...(cpu === undefined
        ? []
        : [
            {
              figure: `CPU per request over ${WASMTIME}, ${guest}, c=${connections}`,
              unit: 'x',
              bound: { atMost: cpu },
              measure: overServer('cpuPerRequest', guest, connections, WASMTIME),
            },
          ]),
      {
        figure: `requests per second over ${WASMTIME}, ${guest}, c=${connections}`,
        unit: 'x',
        bound: { atLeast: rate },
        measure: overServer('requestsPerSecond', guest, connections, WASMTIME),
      },
      ...(p99 === undefined || connections !== MANY
        ? []
        : [
            {
              figure: `p99 over ${WASMTIME}, ${guest}, c=${connections}`,
              unit: 'x',
              bound: { atMost: p99 },
              measure: overServer('p99', guest, connections, WASMTIME),
            },
          ]),
    ]),
  ),
  ...[FEW, MANY].map((connections) => ({
    figure: `requests per second over ${TWO_SPINDLES}, a component that calls another, c=${connections}`,
    unit: 'x',
    bound: { atLeast: 3 },
    measure: overServer('requestsPerSecond', CHAINED.fixture, connections, TWO_SPINDLES),
  })),
  ...[FEW, MANY].map((connections) => ({
    figure: `CPU per request over ${BARE}, rhello, c=${connections}`,
    unit: 'x',
    bound: { atMost: 1.8 },
    measure: overServer('cpuPerRequest', 'rhello', connections, BARE),
  })),
  { figure: `cold start over ${BARE}, rhello`, unit: 'x', bound: { atMost: 1.2 }, measure: start('rhello') },
  { figure: `cold start over ${BARE}, jshello`, unit: 'x', bound: { atMost: 1.8 }, measure: start('jshello') },
  { figure: 'idle private memory, rhello', unit: 'MB', bound: { atMost: 19 }, measure: idle('rhello') },
  { figure: 'idle private memory, jshello', unit: 'MB', bound: { atMost: 38 }, measure: idle('jshello') },
  {
    figure: 'proportional memory of each of 20 processes, rhello',
    unit: 'MB',
    bound: { atMost: 28 },
    measure: ({ many }) => quiet(many && many / MEGABYTE),
  },
  {
    figure: 'one more suspended request, Rust',
    unit: 'kB',
    bound: { atMost: 100 },
    measure: ({ waiting }) => quiet(waiting && waiting / KILOBYTE),
  },
  { figure: 'time checks, CPU-bound guest', unit: '%', bound: { atMost: 4 }, measure: timeChecks },
];

/** A figure that the load of the machine does not move. */
const quiet = (value: number | undefined): Measured => ({ value, steady: true });

function overServer(
  kind: 'cpuPerRequest' | 'requestsPerSecond' | 'p99',
  guest: string,
  connections: number,
  server: string,
) {
  return ({ rounds }: HttpReport): Measured => {
    const of = (name: string) =>
      rounds.find((one) => one.guest === guest && one.connections === connections && one.server === name);
    const [ours, theirs, bare] = [of(OURS), of(server), of(BARE)];
    if (ours === undefined || theirs === undefined) {
      return { value: undefined, steady: true };
    }
    // Requests that failed are no measure of those that were to be answered.
    const sound = ours.errors === 0 && theirs.errors === 0;
    return {
      value: ratioOfRounds(ours[kind], theirs[kind]),
      steady: sound && bare !== undefined && steady(bare.requestsPerSecond),
    };
  };
}

function start(guest: string) {
  return ({ starts }: HttpReport): Measured => {
    const of = (name: string) => starts.find((one) => one.guest === guest && one.server === name)?.firstAnswer;
    const [ours, bare] = [of(OURS), of(BARE)];
    return ours === undefined || bare === undefined
      ? { value: undefined, steady: true }
      : { value: spread(ours).median / spread(bare).median, steady: steady(bare) };
  };
}

function idle(guest: string) {
  return ({ memory }: HttpReport): Measured => {
    const found = memory.find((one: IdleMemory) => one.guest === guest && one.server === OURS);
    return quiet(found && found.idle.anonymous / MEGABYTE);
  };
}

function timeChecks({ timeChecks: rounds }: HttpReport): Measured {
  const of = (name: string) => rounds.find(({ server }) => server === name)?.cpuPerRequest;
  const [limited, unlimited] = [of(LIMITED), of(UNLIMITED)];
  return limited === undefined || unlimited === undefined
    ? { value: undefined, steady: true }
    : { value: (ratioOfRounds(limited, unlimited) - 1) * 100, steady: steady(unlimited) };
}

export function verdicts(report: HttpReport): Verdict[] {
  return TARGETS.map(({ figure, unit, bound, measure }) => {
    const { value, steady: calm } = measure(report);
    return { figure, value, unit, bound, reached: judge(value, bound, calm) };
  });
}
