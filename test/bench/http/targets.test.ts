// Whether a report reaches the targets: made reports, so that each rule is seen to decide.
import { describe, expect, it } from 'vitest';
import type { HttpReport } from './report.ts';
import type { Rounds } from './rounds.ts';
import type { Verdict } from '../verdict.ts';
import { TARGETS, verdicts } from './targets.ts';

const EMPTY: HttpReport = {
  date: '',
  node: '',
  command: '',
  loadBefore: 0,
  loadAfter: 0,
  cores: 2,
  bundled: true,
  rounds: [],
  starts: [],
  memory: [],
  many: undefined,
  waiting: undefined,
  timeChecks: [],
};

const rounds = (server: string, cpu: number[], rate: number[], errors = 0): Rounds => ({
  guest: 'rhello',
  server,
  connections: 5,
  cpuPerRequest: cpu,
  requestsPerSecond: rate,
  p50: rate.map(() => 1),
  p99: rate.map(() => 1),
  errors,
});

const verdictOf = (figure: string, report: Partial<HttpReport>): Verdict | undefined =>
  verdicts({ ...EMPTY, ...report }).find((verdict) => verdict.figure.startsWith(figure));

const startsOf = (ours: number[], bare: number[]) => ({
  starts: [
    { guest: 'rhello', server: 'spindle', firstAnswer: ours },
    { guest: 'rhello', server: 'node:http', firstAnswer: bare },
  ],
});

const CPU = 'CPU per request over wasmtime serve, rhello, c=5';
const RATE = 'requests per second over wasmtime serve, rhello, c=5';

describe('a target', () => {
  it('has a name of its own', () => {
    const names = TARGETS.map(({ figure }) => figure);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has no verdict when nothing was measured', () => {
    expect(new Set(verdicts(EMPTY).map(({ reached }) => reached))).toEqual(new Set(['no verdict']));
  });

  it.each([
    [[15, 30], 'yes', 0.15],
    [[16, 32], 'no', 0.16],
  ])('of a figure that should be small: %j over [100, 200] is %s', (ours, reached, value) => {
    const report = [rounds('spindle', ours, [1, 1]), rounds('wasmtime serve', [100, 200], [1, 1])];
    expect(verdictOf(CPU, { rounds: [...report, rounds('node:http', [1, 1], [10, 10])] })).toMatchObject({
      reached,
      value,
    });
  });

  it.each([
    [[500, 1000], 'yes'],
    [[499, 998], 'no'],
  ])('of a figure that should be great: %j over [100, 200] is %s', (ours, reached) => {
    const report = [rounds('spindle', [1, 1], ours), rounds('wasmtime serve', [1, 1], [100, 200])];
    expect(verdictOf(RATE, { rounds: [...report, rounds('node:http', [1, 1], [10, 10])] })?.reached).toBe(reached);
  });

  it.each([
    ['the bare server was not steady', rounds('node:http', [1, 1], [10, 21]), 0],
    ['requests failed', rounds('node:http', [1, 1], [10, 10]), 1],
  ])('has no verdict when %s', (_why, bare, errors) => {
    const report = [rounds('spindle', [1, 1], [9, 9], errors), rounds('wasmtime serve', [1, 1], [1, 1]), bare];
    expect(verdictOf(RATE, { rounds: report })).toMatchObject({ reached: 'no verdict', value: 9 });
  });

  it('of starts compares medians, and wants a steady bare server', () => {
    const name = 'cold start over node:http, rhello';
    expect(verdictOf(name, startsOf([48, 90, 47], [40, 41, 40]))).toMatchObject({ value: 1.2, reached: 'yes' });
    expect(verdictOf(name, startsOf([49, 90, 47], [40, 41, 40]))?.reached).toBe('no');
    expect(verdictOf(name, startsOf([48, 90, 47], [40, 81, 40]))?.reached).toBe('no verdict');
  });

  it('of time checks is the share that they add', () => {
    const timeChecks = [
      { ...rounds('without a limit', [100, 100], [10, 10]), guest: 'rcompute' },
      { ...rounds('with a time limit', [103, 103], [10, 10]), guest: 'rcompute' },
    ];
    const verdict = verdictOf('time checks', { timeChecks });
    expect(verdict?.reached).toBe('yes');
    expect(verdict?.value).toBeCloseTo(3);
  });
});
