import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trap } from '../../../component/index.ts';
import { Fields, type HeaderError } from './fields.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const text = (value: Uint8Array): string => Buffer.from(value).toString('latin1');
const entries = (fields: Fields): [string, string][] => fields.entries().map(([name, value]) => [name, text(value)]);
const errorOf = (result: { tag: 'ok' | 'err'; val: HeaderError | undefined }): string =>
  result.tag === 'err' ? (result.val?.tag ?? '') : 'ok';

describe('fields', () => {
  it('give names back in lower case and keep the values of one name together', () => {
    const fields = new Fields();
    fields.append('X-One', bytes('1'));
    fields.append('x-two', bytes('2'));
    fields.append('X-ONE', bytes('3'));
    expect(entries(fields)).toEqual([
      ['x-one', '1'],
      ['x-one', '3'],
      ['x-two', '2'],
    ]);
    expect(fields.get('x-OnE').map(text)).toEqual(['1', '3']);
    expect(fields.has('X-TWO')).toBe(true);
  });

  it.each([
    ['', 'invalid-syntax'],
    ['a b', 'invalid-syntax'],
    ['a:b', 'invalid-syntax'],
    ['a\n', 'invalid-syntax'],
    ['naïve', 'invalid-syntax'],
    // The Kelvin sign: its lower case is the letter k.
    ['\u212aeep-alive', 'invalid-syntax'],
    ['connection', 'forbidden'],
    ['Keep-Alive', 'forbidden'],
    ['PROXY-AUTHENTICATE', 'forbidden'],
    ['proxy-authorization', 'forbidden'],
    ['proxy-connection', 'forbidden'],
    ['Transfer-Encoding', 'forbidden'],
    ['upgrade', 'forbidden'],
    ['Host', 'forbidden'],
    ['HTTP2-Settings', 'forbidden'],
    ["!#$%&'*+-.^_`|~09AZaz", 'ok'],
    ['te', 'ok'],
    ['trailer', 'ok'],
  ])('take the name %j as %s, whatever changes them', (name, expected) => {
    const fields = new Fields();
    expect(errorOf(fields.append(name, bytes('v')))).toBe(expected);
    expect(errorOf(fields.set(name, [bytes('v')]))).toBe(expected);
    expect(errorOf(Fields.fromList([[name, bytes('v')]]) as never)).toBe(expected);
    expect(fields.has(name)).toBe(expected === 'ok');
    expect(fields.get(name)).toHaveLength(expected === 'ok' ? 1 : 0);
    expect(errorOf(fields.delete(name))).toBe(expected);
    expect(entries(fields)).toEqual([]);
  });

  it.each([
    ['', 'ok'],
    ['a\tb', 'ok'],
    [' lead and trail ', 'ok'],
    ['\u00ff\u0080', 'ok'],
    ['a\r\nb: c', 'invalid-syntax'],
    ['a\nb', 'invalid-syntax'],
    ['a\0', 'invalid-syntax'],
    ['\u007f', 'invalid-syntax'],
  ])('take the value %j as %s', (value, expected) => {
    const fields = new Fields();
    expect(errorOf(fields.append('x', bytes(value)))).toBe(expected);
    expect(errorOf(fields.set('y', [bytes('fine'), bytes(value)]))).toBe(expected);
    expect(fields.has('y')).toBe(expected === 'ok');
  });

  it.each([
    ['0', 'ok'],
    ['18446744073709551615', 'ok'],
    ['18446744073709551616', 'invalid-syntax'],
    ['', 'invalid-syntax'],
    ['+5', 'invalid-syntax'],
    ['-5', 'invalid-syntax'],
    [' 5', 'invalid-syntax'],
    ['5, 5', 'invalid-syntax'],
    ['0x5', 'invalid-syntax'],
  ])('take the content-length %j as %s', (value, expected) => {
    expect(errorOf(new Fields().append('Content-Length', bytes(value)))).toBe(expected);
  });

  it('hold one content-length and no second', () => {
    const fields = new Fields();
    expect(errorOf(fields.append('content-length', bytes('007')))).toBe('ok');
    expect(errorOf(fields.append('Content-Length', bytes('7')))).toBe('invalid-syntax');
    expect(errorOf(fields.set('content-length', [bytes('7'), bytes('7')]))).toBe('invalid-syntax');
    expect(entries(fields)).toEqual([['content-length', '7']]);
    expect(errorOf(fields.set('content-length', [bytes('8')]))).toBe('ok');
    expect(entries(fields)).toEqual([['content-length', '8']]);
  });

  it('delete a name when it is set to nothing', () => {
    const fields = new Fields();
    fields.append('x', bytes('1'));
    expect(errorOf(fields.set('X', []))).toBe('ok');
    expect(fields.has('x')).toBe(false);
  });

  it('are immutable when received, without hop-by-hop fields, and their clone is not', () => {
    const fields = Fields.received([
      ['X-A', '1'],
      ['Connection', 'close'],
      ['Host', 'example.com'],
      ['x-a', '\u00e9'],
    ]);
    expect(entries(fields)).toEqual([
      ['x-a', '1'],
      ['x-a', '\u00e9'],
    ]);
    expect(errorOf(fields.append('x', bytes('1')))).toBe('immutable');
    expect(errorOf(fields.set('x', [bytes('1')]))).toBe('immutable');
    expect(errorOf(fields.delete('x-a'))).toBe('immutable');
    // Faults of the name are told before.
    expect(errorOf(fields.delete('host'))).toBe('forbidden');
    expect(errorOf(fields.set('a b', []))).toBe('invalid-syntax');
    const copy = fields.clone();
    expect(errorOf(copy.append('x-a', bytes('2')))).toBe('ok');
    expect(entries(fields)).toHaveLength(2);
    expect(entries(copy)).toHaveLength(3);
  });

  it('are immutable once a message has them', () => {
    const fields = new Fields();
    fields.append('x', bytes('1'));
    expect(errorOf(fields.freeze().append('x', bytes('2')))).toBe('immutable');
    expect(errorOf(fields.clone().append('x', bytes('2')))).toBe('ok');
  });

  it('trap beyond 128 KiB, counting each name 32 and each value 40 bytes more than it is long', () => {
    const fields = new Fields();
    const room = 131_072 - (1 + 32) - 40;
    expect(errorOf(fields.append('x', new Uint8Array(room).fill(97)))).toBe('ok');
    expect(() => fields.append('x', bytes(''))).toThrow(Trap);
    expect(errorOf(fields.delete('x'))).toBe('ok');
    expect(() => fields.set('x', [new Uint8Array(room + 1).fill(97)])).toThrow(Trap);
    expect(errorOf(fields.set('x', [new Uint8Array(room).fill(97)]))).toBe('ok');
    expect(errorOf(fields.set('x', [bytes('1'), bytes('2')]))).toBe('ok');
    expect(errorOf(fields.append('x', new Uint8Array(room - 200).fill(97)))).toBe('ok');
    expect(() => fields.clone().append('x', new Uint8Array(200).fill(97))).toThrow(Trap);
  });

  it('behave as a multimap of lower-case names under any sequence of changes', () => {
    const name = fc.constantFrom('a', 'A', 'b', 'x-y', 'X-Y', 'host', 'bad name');
    const value = fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCodePoint(c)),
      maxLength: 5,
    });
    const change = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), name, values: fc.tuple(value) }),
      fc.record({ kind: fc.constant('set' as const), name, values: fc.array(value, { maxLength: 3 }) }),
      fc.record({ kind: fc.constant('delete' as const), name, values: fc.constant([] as string[]) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const fields = new Fields();
        let model: [string, string][] = [];
        for (const { kind, name: given, values } of changes) {
          const key = given.toLowerCase();
          const isBad = key === 'host' || key === 'bad name';
          if (kind === 'append') {
            fields.append(given, bytes(values[0] ?? ''));
          } else if (kind === 'set') {
            fields.set(given, values.map(bytes));
          } else {
            fields.delete(given);
          }
          if (isBad) {
            continue;
          }
          const before = model.findIndex(([other]) => other === key);
          const kept = kind === 'append' ? model.filter(([other]) => other === key) : [];
          const mine = [...kept, ...values.map((v): [string, string] => [key, v])];
          const rest = model.filter(([other]) => other !== key);
          const place = before === -1 ? rest.length : model.slice(0, before).filter(([other]) => other !== key).length;
          model = [...rest.slice(0, place), ...mine, ...rest.slice(place)];
        }
        expect(entries(fields)).toEqual(model);
        expect(entries(Fields.received(model))).toEqual(model);
        expect(entries(fields.clone())).toEqual(model);
        for (const key of ['a', 'b', 'x-y']) {
          expect(fields.get(key).map(text)).toEqual(model.filter(([other]) => other === key).map(([, v]) => v));
        }
      }),
    );
  });

  it('accept exactly the tokens and field values of RFC 9110', () => {
    const anyText = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCodePoint(c)),
      maxLength: 6,
    });
    fc.assert(
      fc.property(anyText, (candidate) => {
        const isToken = candidate !== '' && [...candidate].every((c) => /[\w!#$%&'*+\-.^`|~]/.test(c));
        const fields = new Fields();
        expect(errorOf(fields.append(candidate, bytes('v')))).toBe(isToken ? 'ok' : 'invalid-syntax');
        const isValue = [...candidate].every((c) => c === '\t' || (c >= ' ' && c !== '\u007f'));
        expect(errorOf(fields.append('x', bytes(candidate)))).toBe(isValue ? 'ok' : 'invalid-syntax');
      }),
    );
  });
});
