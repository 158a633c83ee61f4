// What a module puts into its memory is the same whether its data is in it or in a module of its own.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { decodeComponent } from '../decode/index.ts';
import { takeDataApart, type DataApart } from './data-apart.ts';
import { ENGINE, rewriteModule } from './index.ts';
import { wat } from './testing/engine.ts';

/** With an engine, and without. */
const guests = ['jshello', 'jsspin', 'pyhello', 'rhello', 'shello', 'skv'];

const PAGES = 4;

function contentOf(bytes: Uint8Array<ArrayBuffer>, pages = PAGES): Buffer {
  const memory0 = new WebAssembly.Memory({ initial: pages });
  Reflect.construct(WebAssembly.Instance, [new WebAssembly.Module(bytes), { [ENGINE]: { memory0, grown() {} } }]);
  return Buffer.from(memory0.buffer);
}

const module = (fields: string): Promise<Uint8Array> => wat(`(module (memory (export "m") ${PAGES}) ${fields})`);

describe('data that goes to constant places', () => {
  it('comes to the same places from a module of its own, the later over the earlier', async () => {
    const bytes = await module(
      '(data (i32.const 70000) "abc") (data (i32.const 8) "hello") (data (memory 0) (i32.const 10) "LL")',
    );
    const { bytes: whole } = rewriteModule(bytes, { timeChecks: false });
    const apart = takeDataApart(bytes) as DataApart;
    const content = contentOf(apart.data);
    expect(content.equals(contentOf(whole))).toBe(true);
    expect(content.subarray(8, 13).toString()).toBe('heLLo');
  });

  it('does not change what is left', async () => {
    const rests = await Promise.all(
      ['"a"', '"bb" "c"'].map(async (text) => takeDataApart(await module(`(func) (data (i32.const 1) ${text})`))?.rest),
    );
    expect(rests[0]).toEqual(rests[1]);
    expect(WebAssembly.validate(Buffer.concat(rests[0] ?? []))).toBe(true);
  });

  it('may be too much for the memory, which the module says as the whole one would', async () => {
    const bytes = await module(`(data (i32.const ${PAGES * 65536 - 1}) "ab")`);
    const { bytes: whole } = rewriteModule(bytes, { timeChecks: false });
    const { data } = takeDataApart(bytes) as DataApart;
    for (const one of [whole, data]) {
      expect(() => contentOf(one)).toThrow(/data segment 0 is out of bounds/);
    }
  });
});

describe('data stays where it is', () => {
  it.each([
    ['there is none', '(func)'],
    ['the memory is imported', '(import "a" "m" (memory 1)) (data (i32.const 0) "abc")', ''],
    ['it waits for an instruction', '(data "abc")'],
    ['its place is imported', '(data (global.get $g) "abc")'],
    ['its place is computed', '(data (i32.add (i32.const 1) (i32.const 2)) "abc")'],
    ['it goes to another memory', '(memory $other 1) (data (memory $other) (i32.const 0) "abc")'],
  ])('when %s', async (_, fields, memory = '(memory 1)') => {
    const bytes = await wat(`(module (import "a" "g" (global $g i32)) ${memory} ${fields})`);
    expect(takeDataApart(bytes)).toBeUndefined();
  });

  it('when there is more or less of it than the module says', async () => {
    const bytes = await module('(func (data.drop 0)) (data (i32.const 0) "abc")');
    const count = Buffer.from(bytes).indexOf(Buffer.from([12, 1, 1]));
    expect(count).toBeGreaterThan(0);
    expect(takeDataApart(bytes)).toBeDefined();
    bytes[count + 2] = 2;
    expect(takeDataApart(bytes)).toBeUndefined();
  });

  it('when the bytes are no module', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (tail) => {
        const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
        for (const bytes of [
          tail,
          Uint8Array.of(...header, ...tail),
          Uint8Array.of(...header, 11, tail.length, ...tail),
        ]) {
          const apart = takeDataApart(bytes);
          expect(apart === undefined || WebAssembly.validate(apart.data)).toBe(true);
        }
      }),
    );
  });
});

/** What is true of each core module whose data can be taken out. */
async function factsOf(name: string): Promise<Record<string, boolean>[]> {
  const bytes = await fixture(name);
  return decodeComponent(bytes).modules.flatMap(({ offset, length }) => {
    const core = bytes.subarray(offset, offset + length);
    const { bytes: rewritten, facts } = rewriteModule(core, { timeChecks: false });
    const [before, after] = [takeDataApart(core), takeDataApart(rewritten)];
    const memory = facts.memories[0];
    return before === undefined || after === undefined || memory === undefined
      ? []
      : [
          {
            isRewrittenToItself: Buffer.from(before.data).equals(after.data),
            isValidWithout: WebAssembly.validate(Buffer.concat(after.rest)),
            isInMemory: contentOf(before.data, memory.initial).some((byte) => byte !== 0),
          },
        ];
  });
}

it.each(guests)('a guest has its data apart: %s', async (name) => {
  const all = await factsOf(name);
  expect(all.length).toBeGreaterThan(0);
  expect(new Set(all.flatMap((facts) => Object.values(facts)))).toEqual(new Set([true]));
});
