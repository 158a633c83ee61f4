import * as fc from 'fast-check';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Console } from '../../console.ts';
import { lineDifference } from '../deploy/line-difference.ts';
import { linesOf } from '../logs/lines.ts';
import { waitTime } from '../wait-time.ts';
import { age } from './age.ts';
import { createProgress } from './progress.ts';
import { painter } from './style.ts';
import { table } from './table.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const before = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();

describe('ages', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [312, '5m12s'],
    [600, '10m'],
    [3 * 3600 + 240, '3h4m'],
    [8 * 3600, '8h'],
    [2 * 86_400 + 5 * 3600, '2d5h'],
    [45 * 86_400, '45d'],
    [-5, '0s'],
  ])('of %d s are as kubectl shows them', (seconds, text) => expect(age(before(seconds), NOW)).toBe(text));

  it.each([undefined, null, '', 'no time'])('of %j are unknown', (time) => expect(age(time, NOW)).toBe('<unknown>'));
});

describe('tables', () => {
  it('have columns as wide as what is shown in them, and no blanks at the ends', () => {
    const green = painter({ terminal: { columns: () => 80, write: () => {} }, env: {} })('good', 'Deployed');
    expect(green).not.toBe('Deployed');
    const lines = table([
      ['NAME', 'STATUS', 'AGE'],
      ['a', green, '1s'],
      ['longer', '', ''],
    ]);
    expect(lines.map(stripVTControlCharacters)).toEqual([
      'NAME     STATUS     AGE',
      'a        Deployed   1s',
      'longer',
    ]);
  });
});

describe('colors', () => {
  const terminal = { columns: () => 80, write: () => {} };
  it.each([
    ['no terminal', { env: {} }, true],
    ['NO_COLOR', { terminal, env: { NO_COLOR: '1' } }, true],
    ['a terminal without', { terminal, env: { TERM: 'dumb' } }, true],
    ['--no-color', { terminal, env: {} }, false],
  ])('are left out with %s', (_, console, wanted) => expect(painter(console, wanted)('bad', 'x')).toBe('x'));
});

const progressOf = (console: Partial<Console>, flags: Parameters<typeof createProgress>[1]): string => {
  let shown = '';
  const to = { env: { NO_COLOR: '1' }, out: (line: string) => void (shown += `${line}\n`), ...console } as Console;
  const terminal = console.terminal && { ...console.terminal, write: (text: string) => void (shown += text) };
  const progress = createProgress('shop', flags, { ...to, ...(terminal === undefined ? {} : { terminal }) }, () => NOW);
  progress.say('applied', 'created');
  progress.say('rollout', '0/2 ready');
  progress.say('rollout', '0/2 ready');
  progress.say('rollout', '1/2 ready');
  progress.say('ready', 'http://shop');
  return shown;
};

describe('progress', () => {
  it('piped is a line for all that is new', () => {
    expect(progressOf({}, {})).toBe(
      'shop  applied  created\nshop  rollout  0/2 ready\nshop  rollout  1/2 ready\nshop  ready    http://shop\n',
    );
  });

  it('on a terminal rewrites the line of a phase, however many rows it takes', () => {
    const wide = progressOf({ terminal: { columns: () => 80, write: () => {} } }, {});
    expect(wide.split('\u001B[1A\u001B[2K')).toHaveLength(2);
    const narrow = progressOf({ terminal: { columns: () => 10, write: () => {} } }, {});
    expect(narrow.split('\u001B[1A\u001B[2K')).toHaveLength(1 + 3);
  });

  it('for programs is a document in each line, and with --quiet nothing', () => {
    const [first = ''] = progressOf({}, { output: 'json' }).split('\n');
    expect(JSON.parse(first)).toEqual({
      kind: 'Progress',
      version: 1,
      time: NOW.toISOString(),
      app: 'shop',
      phase: 'applied',
      message: 'created',
    });
    expect(progressOf({}, { quiet: true })).toBe('');
    expect(progressOf({}, { output: 'name' })).toBe('');
  });
});

describe('a difference of lines', () => {
  it('gives the one text back without what came, and the other without what went', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const lines = lineDifference(one, other);
        const without = (sign: string): string[] => lines.filter((line) => line.sign !== sign).map((line) => line.text);
        expect([without('+'), without('-')]).toEqual([one, other]);
      }),
    );
  });

  it('of a text and itself is none', () => {
    expect(lineDifference(['a', 'b'], ['a', 'b']).every(({ sign }) => sign === ' ')).toBe(true);
  });
});

describe('lines of a log', () => {
  it('are the same however the bytes come', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((part) => part.replaceAll('\r', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(fc.nat(9)), async (lines, sizes) => {
        const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        async function* pieces(): AsyncGenerator<Uint8Array> {
          let at = 0;
          for (const size of sizes) {
            yield whole.subarray(at, at + size);
            at += size;
          }
          yield whole.subarray(at);
        }
        const read: string[] = [];
        for await (const line of linesOf(pieces())) {
          read.push(line);
        }
        expect(read).toEqual(whole.toString().split('\n').slice(0, -1));
      }),
    );
  });
});

describe('times to wait', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250ms', 250],
  ])('%s is %d ms', (text, ms) => expect(waitTime(text)).toBe(ms));

  it.each(['', '0', '-1s', 's', '5 m', '1d', '5m!', '9999h'])('%j is none', (text) =>
    expect(() => waitTime(text)).toThrow('--timeout must be a time above 0, such as 90s or 5m'),
  );
});
