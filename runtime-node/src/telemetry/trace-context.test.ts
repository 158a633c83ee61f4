// W3C Trace Context, after its own test suite: what is read, what is refused, what is written.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTraceContext, withTraceContext, type Fields } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const VALID = `00-${TRACE}-${SPAN}-01`;

const hex = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
    .filter((id) => !/^0+$/.test(id));

describe('a traceparent', () => {
  it.each([
    [VALID, 1],
    [`00-${TRACE}-${SPAN}-00`, 0],
    // Flags that this version does not have.
    [`00-${TRACE}-${SPAN}-ff`, 1],
    [` ${VALID}\t`, 1],
    // A later version may say more.
    [`cc-${TRACE}-${SPAN}-01`, 1],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, 1],
  ])('%j is read', (value, flags) => {
    expect(readTraceContext([['traceparent', value]])).toEqual({ traceId: TRACE, spanId: SPAN, flags, state: '' });
  });

  it.each([
    '',
    'ff-' + VALID.slice(3),
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01.`,
    `cc-${TRACE}-${SPAN}-01.more`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}`,
    `0-${TRACE}-${SPAN}-01`,
    `${VALID},${VALID}`,
    `.0-${TRACE}-${SPAN}-01`,
  ])('%j is none', (value) => {
    expect(readTraceContext([['traceparent', value]])).toBeUndefined();
  });

  it('is found by its name in any case, and is none when there are two', () => {
    expect(readTraceContext([['TraceParent', VALID]])?.traceId).toBe(TRACE);
    expect(
      readTraceContext([
        ['traceparent', VALID],
        ['Traceparent', VALID],
      ]),
    ).toBeUndefined();
    expect(readTraceContext([['tracestate', 'a=1']])).toBeUndefined();
  });
});

describe('a tracestate', () => {
  it.each<readonly [Fields, string]>([
    [[['tracestate', 'a=1,b=2']], 'a=1,b=2'],
    [
      [
        ['tracestate', 'a=1'],
        ['TraceState', 'b=2'],
      ],
      'a=1,b=2',
    ],
    [[['tracestate', 'a'.repeat(513)]], ''],
    [[['tracestate', 'caf\u00e9']], ''],
  ])('%j is handed on as %j', (fields, state) => {
    expect(readTraceContext([['traceparent', VALID], ...fields])?.state).toBe(state);
  });
});

describe('what is written', () => {
  it('takes the place of what was there', () => {
    const context = { traceId: TRACE, spanId: SPAN, flags: 1, state: 'a=1' };
    const fields: Fields = [
      ['x', '1'],
      ['Traceparent', 'old'],
      ['tracestate', 'old'],
    ];
    expect(withTraceContext(fields, context)).toEqual([
      ['x', '1'],
      ['traceparent', VALID],
      ['tracestate', 'a=1'],
    ]);
  });

  it('is what is read', () => {
    const state = fc.string({ unit: fc.constantFrom(...'az09=,@-_'), maxLength: 512 });
    fc.assert(
      fc.property(hex(32), hex(16), fc.integer({ min: 0, max: 1 }), state, (traceId, spanId, flags, text) => {
        const context = { traceId, spanId, flags, state: text };
        expect(readTraceContext(withTraceContext([], context))).toEqual(context);
      }),
    );
  });

  it('never fails to be read, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0af-f1 ,;\u00e9') }), (value) => {
        const context = readTraceContext([['traceparent', value]]);
        expect(context === undefined || /^[\da-f]{32}$/.test(context.traceId)).toBe(true);
      }),
    );
  });
});
