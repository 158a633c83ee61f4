import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PgValue } from '../value.ts';
import { dayFrom, daysOf, datetimeFrom, isDay, microsOf } from './calendar.ts';
import { compactJson } from './compact-json.ts';
import { DecodeError, decodeValue } from './decode.ts';
import { BadParameter, encodeParameter, toParameter, WrongType } from './encode.ts';
import { compareDecimals, decodeNumeric, encodeNumeric, parseDecimal } from './numeric.ts';
import { OID, TYPES } from './oids.ts';

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const int32 = fc.integer(INT32);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const day = fc
  .tuple(fc.integer({ min: -4000, max: 262_142 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }))
  .filter((value) => isDay(value));
const time = fc.tuple(
  fc.integer({ min: 0, max: 23 }),
  fc.integer({ min: 0, max: 59 }),
  fc.integer({ min: 0, max: 59 }),
  fc.integer({ min: 0, max: 999_999 }).map((micros) => micros * 1000),
);
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 1n, max: 10n ** 40n }), fc.integer({ min: 0, max: 30 }))
  .map(([negative, digits, scale]) => {
    const text = String(digits).padStart(scale + 1, '0');
    const point = text.length - scale;
    return `${negative ? '-' : ''}${text.slice(0, point)}${scale === 0 ? '' : `.${text.slice(point)}`}`;
  });
const kind = fc.constantFrom<'inclusive' | 'exclusive'>('inclusive', 'exclusive');
const bounds = <T>(value: fc.Arbitrary<T>) => {
  const bound = fc.option(fc.tuple(value, kind), { nil: undefined });
  return fc.tuple(bound, bound);
};
const list = <T>(value: fc.Arbitrary<T>) => fc.array(fc.option(value, { nil: undefined }));
const utf8 = fc.string().map((text) => text.toWellFormed());

/** A type of the database, and what a guest may send to it and gets back from it unchanged. */
const roundTrips: readonly (readonly [oid: number, value: fc.Arbitrary<PgValue>])[] = [
  [OID.bool, fc.boolean().map((val) => ({ tag: 'boolean', val }))],
  [OID.int2, fc.integer({ min: -32_768, max: 32_767 }).map((val) => ({ tag: 'int16', val }))],
  [OID.int4, int32.map((val) => ({ tag: 'int32', val }))],
  [OID.int8, int64.map((val) => ({ tag: 'int64', val }))],
  [OID.float4, fc.float().map((val) => ({ tag: 'floating32', val }))],
  [OID.float8, fc.double().map((val) => ({ tag: 'floating64', val }))],
  [OID.text, utf8.map((val) => ({ tag: 'str', val }))],
  [OID.varchar, utf8.map((val) => ({ tag: 'str', val }))],
  [OID.bytea, fc.uint8Array().map((val) => ({ tag: 'binary', val }))],
  [OID.date, day.map((val) => ({ tag: 'date', val }))],
  [OID.time, time.map((val) => ({ tag: 'time', val }))],
  [OID.timestamp, fc.tuple(day, time).map(([date, within]) => ({ tag: 'datetime', val: [...date, ...within] }))],
  [OID.uuid, fc.uuid().map((val) => ({ tag: 'uuid', val }))],
  [
    OID.jsonb,
    fc
      .json({ noUnicodeString: false })
      .map((text) => ({ tag: 'jsonb', val: new TextEncoder().encode(compactJson(text)) })),
  ],
  [OID.numeric, decimal.map((val) => ({ tag: 'decimal', val }))],
  [
    OID.interval,
    fc.tuple(int64, int32, int32).map(([micros, days, months]) => ({ tag: 'interval', val: { micros, days, months } })),
  ],
  [OID.int4Array, list(int32).map((val) => ({ tag: 'array-int32', val }))],
  [OID.int8Array, list(int64).map((val) => ({ tag: 'array-int64', val }))],
  [OID.numericArray, list(decimal).map((val) => ({ tag: 'array-decimal', val }))],
  [OID.textArray, list(utf8).map((val) => ({ tag: 'array-str', val }))],
  [
    OID.int4range,
    bounds(int32)
      .filter(([a, b]) => !a || !b || a[0] <= b[0])
      .map((val) => ({ tag: 'range-int32', val })),
  ],
  [
    OID.int8range,
    bounds(int64)
      .filter(([a, b]) => !a || !b || a[0] <= b[0])
      .map((val) => ({ tag: 'range-int64', val })),
  ],
  [
    OID.numrange,
    bounds(decimal)
      .filter(([a, b]) => !a || !b || Number(a[0]) < Number(b[0]))
      .map((val) => ({ tag: 'range-decimal', val })),
  ],
];

const bad: readonly (readonly [value: PgValue, message: string])[] = [
  [{ tag: 'uuid', val: 'x' }, 'invalid UUID x'],
  [{ tag: 'date', val: [2023, 2, 29] }, 'invalid date y=2023, m=2, d=29'],
  [{ tag: 'date', val: [300_000, 1, 1] }, 'invalid date y=300000, m=1, d=1'],
  [{ tag: 'time', val: [24, 0, 0, 0] }, 'invalid time 24:0:0:0'],
  [{ tag: 'datetime', val: [2023, 1, 1, 0, 60, 0, 0] }, 'invalid time 0:60:0:0'],
  [{ tag: 'timestamp', val: 2n ** 62n }, 'invalid epoch timestamp 4611686018427387904'],
  [{ tag: 'decimal', val: '' }, 'invalid decimal \n\nCaused by:\n    Invalid decimal: empty'],
  [{ tag: 'decimal', val: '1e5' }, 'invalid decimal 1e5\n\nCaused by:\n    Invalid decimal: unknown character'],
  [{ tag: 'decimal', val: '1.2.3' }, 'invalid decimal 1.2.3\n\nCaused by:\n    Invalid decimal: two decimal points'],
  [
    { tag: 'array-decimal', val: ['1', 'x'] },
    'invalid decimal x\n\nCaused by:\n    Invalid decimal: unknown character',
  ],
];

const typeOf = (oid: number) => ({ oid, name: TYPES.get(oid)?.name ?? '' });

describe('values of PostgreSQL', () => {
  it.each(roundTrips.map(([oid, value]) => [TYPES.get(oid)?.name, oid, value] as const))(
    'of type %s come back as they were sent',
    (_, oid, value) => {
      fc.assert(
        fc.property(value, (sent) => {
          expect(decodeValue(oid, encodeParameter(toParameter(sent), typeOf(oid)))).toEqual(sent);
        }),
      );
    },
  );

  it('go to no other type than their own', () => {
    for (const [own, value] of roundTrips) {
      const [sent] = fc.sample(value, { numRuns: 1, seed: 1 });
      const parameter = toParameter(sent ?? { tag: 'db-null' });
      const name = sent?.tag;
      const others = roundTrips.map(([oid]) => oid).filter((oid) => oid !== own && TYPES.get(oid)?.data !== name);
      for (const oid of others) {
        expect(() => encodeParameter(parameter, typeOf(oid)), `${name} to ${oid}`).toThrow(WrongType);
      }
    }
  });

  it('may be NULL of every type', () => {
    for (const oid of TYPES.keys()) {
      expect(encodeParameter(toParameter({ tag: 'db-null' }), typeOf(oid))).toBeUndefined();
      expect(decodeValue(oid, undefined)).toEqual({ tag: 'db-null' });
    }
  });

  it('are a value or an error of their own, whatever bytes a server sends', () => {
    const oids = [...TYPES.keys()];
    fc.assert(
      fc.property(fc.constantFrom(...oids), fc.uint8Array({ maxLength: 40 }), (oid, bytes) => {
        const outcome = settled(() => decodeValue(oid, Buffer.from(bytes)));
        expect(outcome instanceof DecodeError || 'tag' in (outcome as object)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it.each(bad.map(([value, message]) => [message, value] as const))('that are none: %s', (message, value) => {
    expect(() => toParameter(value)).toThrow(new BadParameter(message));
  });

  it('hold JSON only when it is JSON', () => {
    expect(() => toParameter({ tag: 'jsonb', val: Buffer.from('{') })).toThrow(/^invalid JSON \{\n\nCaused by:\n {4}/);
  });

  it.each([
    ['a leap second', { tag: 'time', val: [23, 59, 59, 1_999_999_999] }, OID.time],
    [
      'a range whose bounds are in the wrong order',
      {
        tag: 'range-int32',
        val: [
          [5, 'inclusive'],
          [1, 'inclusive'],
        ],
      },
      OID.int4range,
    ],
    ['an id in braces', { tag: 'uuid', val: '{550e8400-e29b-41d4-a716-446655440000}' }, OID.uuid],
    ['text for an extension', { tag: 'str', val: 'x' }, 99_999],
  ] as const)('may be %s', (_, value, oid) => {
    const name = oid === 99_999 ? 'citext' : '';
    expect(encodeParameter(toParameter(value as unknown as PgValue), { oid, name })).toBeInstanceOf(Buffer);
  });
});

describe('the calendar', () => {
  it('is that of JavaScript where that has one', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000, max: 80_000_000 }), (days) => {
        const date = new Date(Date.UTC(2000, 0, 1) + days * 86_400_000);
        expect(dayFrom(days)).toEqual([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]);
        expect(daysOf([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()])).toBe(days);
      }),
    );
  });

  it('has no day for infinity', () => {
    expect([dayFrom(INT32.max), dayFrom(INT32.min), datetimeFrom(2n ** 63n - 1n), datetimeFrom(-(2n ** 63n))]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    expect(datetimeFrom(microsOf([1969, 12, 31], [23, 59, 59, 999_999_000]))).toEqual([
      1969, 12, 31, 23, 59, 59, 999_999_000,
    ]);
  });
});

const of = (text: string) => parseDecimal(text) ?? { negative: false, before: '', after: '' };

const special = (sign: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16BE(sign, 4);
  return bytes;
};

describe('numbers in base 10', () => {
  it('are compared by value', () => {
    expect([
      compareDecimals(of('1.10'), of('1.1')),
      compareDecimals(of('-2'), of('1')),
      compareDecimals(of('10'), of('9.9')),
    ]).toEqual([0, -1, 1]);
  });

  it('hold what PostgreSQL holds and no more', () => {
    expect(parseDecimal('9'.repeat(131_072))).toBeDefined();
    expect(parseDecimal('9'.repeat(131_073))).toBeUndefined();
    expect(parseDecimal(`0.${'1'.repeat(16_384)}`)).toBeUndefined();
  });

  it('have special forms, and bytes that are none', () => {
    expect([0xc000, 0xd000, 0xf000].map((sign) => decodeNumeric(special(sign)))).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
    ]);
    expect(decodeNumeric(encodeNumeric(parseDecimal('-0.00') ?? { negative: false, before: '', after: '' }))).toBe(
      '0.00',
    );
    expect(decodeNumeric(Buffer.from([0, 5]))).toBeUndefined();
  });
});

function settled(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
