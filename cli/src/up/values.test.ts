import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, durationRange, timeWithin, wholeNumber } from './values.ts';

const bytes = wholeNumber('--size', { least: 0, expected: 'a whole number of bytes', remedy: 'Write 1024.' });
const few = wholeNumber('--few', { least: 1, most: 9, expected: 'a number from 1 to 9' });
const span = duration('--span', { least: 1, expected: 'a time above 0' });
const range = durationRange('--range');

/** Whatever is given, a parser answers or says what, where and how to do better. */
function answerOf<T>(parse: (text: string) => T, text: string): T | 'refused' {
  try {
    return parse(text);
  } catch (error) {
    // expected: for what is no value of the flag
    if (error instanceof UserError && error.code === 'SPK5001' && error.place.field?.startsWith('--') === true) {
      return 'refused';
    }
    throw error;
  }
}

describe('a whole number', () => {
  it.each([
    ['0', 0],
    ['+7', 7],
    ['007', 7],
    ['134217728', 134_217_728],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('is read as Rust reads it: %s', (text, value) => {
    expect(bytes(text)).toBe(value);
  });

  it.each(['', ' ', '-1', '1.5', '1e3', '0x10', '1_000', '128MiB', '128Mi', ' 1', '1 ', '٣', 'NaN', 'Infinity', '1n'])(
    'is not %o, which is told with a way out',
    (text) => {
      expect(() => bytes(text)).toThrow(
        expect.objectContaining({
          message: `--size must be a whole number of bytes, not ${JSON.stringify(text)}`,
          place: { field: '--size' },
          remedy: 'Write 1024.',
        }),
      );
    },
  );

  it('is refused beyond its bounds, and where it would be inexact', () => {
    expect(['0', '1', '9', '10'].map((text) => answerOf(few, text))).toEqual(['refused', 1, 9, 'refused']);
    expect(answerOf(bytes, '9007199254740993')).toBe('refused');
  });
});

const UNITS: readonly (readonly [unit: string, perMillisecond: bigint, milliseconds: bigint])[] = [
  ['', 1n, 1000n],
  ['s', 1n, 1000n],
  ['ms', 1n, 1n],
  ['us', 1000n, 1n],
  ['\u03bcs', 1000n, 1n],
  ['\u00b5s', 1000n, 1n],
  ['ns', 1_000_000n, 1n],
];

const BAD_TIMES = [
  '',
  's',
  'ms',
  '1m',
  '1h',
  '1.5s',
  '-1s',
  '1 s',
  ' 1',
  '1S',
  '1sec',
  'forever',
  '1e3',
  '0x1s',
  '1s2',
];

describe('a time', () => {
  it('is whole milliseconds, rounded up, in every unit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...UNITS), fc.integer({ min: 1, max: 1_000_000_000 }), ([unit, per, ms], count) => {
        const exact = BigInt(count) * ms;
        expect(span(`${count}${unit}`)).toBe(Number((exact + per - 1n) / per));
      }),
    );
  });

  it.each([...BAD_TIMES, '0', '0ms', '1..2', '99999999999999999999', '999999999999999999999s'])('is not %o', (text) => {
    expect(() => span(text)).toThrow(
      expect.objectContaining({
        message: `--span must be a time above 0, not ${JSON.stringify(text)}`,
        remedy: expect.stringContaining('ms'),
      }),
    );
  });
});

describe('a time or a range of times', () => {
  it.each([
    ['2', 2000, 2000],
    ['500ms', 500, 500],
    ['250us', 0.25, 0.25],
    ['1..8s', 1000, 8000],
    ['0..5ms', 0, 5],
    ['100ms..2', 100, 2000],
  ])('is read with a unit for each side: %s', (text, from, to) => {
    expect(range(text)).toEqual({ from, to });
  });

  it.each([...BAD_TIMES, '0', '..', '1..', '..1', '8..1s', '1..1', '1...2', '1..2..3', '1s-2s'])(
    'is not %o',
    (text) => {
      expect(answerOf(range, text)).toBe('refused');
    },
  );

  it('gives a time within it, below its end, and never none', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (from, by, at) => {
          const time = timeWithin(range(`${from}ms..${from + by}ms`), () => at);
          expect(Number.isInteger(time)).toBe(true);
          expect(time).toBeGreaterThanOrEqual(Math.max(from, 1));
          expect(time).toBeLessThanOrEqual(from + by);
        },
      ),
    );
    expect(timeWithin(range('3s'), () => 0.7)).toBe(3000);
    expect(timeWithin(range('1us'), () => 0.7)).toBe(1);
  });
});

describe('any text', () => {
  it('is a value or refused', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[+\d.smun\u03bc ]{0,12}$/));
    fc.assert(
      fc.property(text, (given) => {
        for (const parse of [bytes, few, span]) {
          const value = answerOf(parse, given);
          expect(value === 'refused' || Number.isSafeInteger(value)).toBe(true);
        }
        const times = answerOf(range, given);
        expect(times === 'refused' || (times.from <= times.to && times.to > 0)).toBe(true);
      }),
    );
  });
});
