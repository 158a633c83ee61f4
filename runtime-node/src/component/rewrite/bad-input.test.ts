// Modules that are damaged or made up: one clear error, or something that V8 judges as it would have judged the module.
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { decodeComponent } from '../decode/index.ts';
import { RewriteError, rewriteModule, type RewriteOptions } from './index.ts';
import { originalBytes } from './testing/engine.ts';

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const MANY = [0xff, 0xff, 0xff, 0xff, 0x0f];
const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];
const TYPE = section(1, 1, 0x60, 0, 0);
const FUNCTION = section(3, 1, 0);
const code = (...body: number[]): number[] => section(10, 1, body.length, ...body);

describe('a module that is damaged', () => {
  it.each([
    ['nothing', []],
    ['a component', [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]],
    ['half a preamble', PREAMBLE.slice(0, 6)],
    ['a section longer than the file', [...PREAMBLE, 1, 100]],
    ['a section without size', [...PREAMBLE, 1]],
    ['an unknown section', [...PREAMBLE, 99, 0]],
    ['sections out of order', [...PREAMBLE, ...FUNCTION, ...TYPE]],
    ['a section twice', [...PREAMBLE, ...TYPE, ...TYPE]],
    ['more types than bytes', [...PREAMBLE, ...section(1, ...MANY)]],
    ['more members of a group than bytes', [...PREAMBLE, ...section(1, 1, 0x4e, ...MANY)]],
    ['more imports than bytes', [...PREAMBLE, ...section(2, ...MANY)]],
    ['more functions than bytes', [...PREAMBLE, ...section(3, ...MANY)]],
    ['more globals than bytes', [...PREAMBLE, ...section(6, ...MANY)]],
    ['more elements than bytes', [...PREAMBLE, ...section(9, 1, 1, 0, ...MANY)]],
    ['more bodies than bytes', [...PREAMBLE, ...section(10, ...MANY)]],
    ['more data than bytes', [...PREAMBLE, ...section(11, 1, 1, ...MANY)]],
    ['more labels than bytes', [...PREAMBLE, ...TYPE, ...FUNCTION, ...code(0, 0x0e, ...MANY, 0x0b)]],
    ['a body longer than its section', [...PREAMBLE, ...TYPE, ...FUNCTION, ...section(10, 1, 50, 0, 0x0b)]],
    ['a function without a body', [...PREAMBLE, ...TYPE, ...FUNCTION]],
    ['a body without a function', [...PREAMBLE, ...TYPE, ...code(0, 0x0b)]],
    ['a number of six bytes', [...PREAMBLE, ...section(1, 0x80, 0x80, 0x80, 0x80, 0x80, 0)]],
    ['a number above 32 bits', [...PREAMBLE, ...section(1, 0xff, 0xff, 0xff, 0xff, 0x7f)]],
    ['an unknown instruction', [...PREAMBLE, ...TYPE, ...FUNCTION, ...code(0, 0xff, 0x0b)]],
    ['an unknown vector instruction', [...PREAMBLE, ...TYPE, ...FUNCTION, ...code(0, 0xfd, 0xff, 0x7f, 0x0b)]],
    ['an instruction that is cut off', [...PREAMBLE, ...TYPE, ...FUNCTION, ...code(0, 0x44, 0)]],
    ['a constant expression without end', [...PREAMBLE, ...section(6, 1, 0x7f, 0, 0x41, 0)]],
    ['a block in a constant expression', [...PREAMBLE, ...section(6, 1, 0x7f, 0, 0x02, 0x40, 0x0b, 0x0b)]],
    ['an unknown kind of export', [...PREAMBLE, ...section(7, 1, 0, 9, 0)]],
    ['a name that is not UTF-8', [...PREAMBLE, ...section(7, 1, 1, 0xff, 0, 0)]],
    ['bytes left over', [...PREAMBLE, ...section(5, 1, 0, 1, 0)]],
  ])('gives an error that says where: %s', (_, bytes) => {
    const rewrite = (): unknown => rewriteModule(Uint8Array.from(bytes), { timeChecks: true });
    expect(rewrite).toThrow(RewriteError);
    expect(rewrite).toThrow(/at byte \d+ of the module/);
  });

  // What the engine adds must not be what a wrong index then means.
  it.each([
    ['a function', code(0, 0x10, 1, 0x0b)],
    ['a reference to a function', code(0, 0xd2, 1, 0x1a, 0x0b)],
    ['a global', code(0, 0x23, 0, 0x1a, 0x0b)],
    ['a memory', code(0, 0x41, 0, 0x28, 2, 0, 0x1a, 0x0b)],
    ['another memory', code(0, 0x41, 0, 0x28, 0x42, 0, 0, 0x1a, 0x0b)],
    ['the size of a memory', code(0, 0x3f, 0, 0x1a, 0x0b)],
    ['a block type', code(0, 0x02, 1, 0x0b, 0x0b)],
    ['a type of calls', code(0, 0x41, 0, 0x11, 1, 0, 0x0b)],
  ])('cannot reach what is not there: %s', (_, body) => {
    const bytes = Uint8Array.from([...PREAMBLE, ...TYPE, ...FUNCTION, ...body]);
    expect(WebAssembly.validate(bytes)).toBe(false);
    expect(() => rewriteModule(bytes, { timeChecks: true })).toThrow(RewriteError);
  });
});

const OPTIONS = [{ timeChecks: false }, { timeChecks: true }, { timeChecks: true, resettable: false }];

/** What comes of a module; undefined where the engine refuses it by a name of its own. */
function outcome(bytes: Uint8Array, options: RewriteOptions): boolean | undefined {
  try {
    const result = rewriteModule(bytes, options);
    return result.facts.refused.length > 0 ? undefined : WebAssembly.validate(result.bytes);
  } catch (error) {
    if (!(error instanceof RewriteError)) {
      throw error;
    }
    // expected: a module that is not valid
    return false;
  }
}

/** A module is valid exactly when it can be rewritten to a valid one: the options with which that is not so. */
function misjudged(bytes: Uint8Array<ArrayBuffer>): RewriteOptions[] {
  const valid = WebAssembly.validate(bytes);
  return OPTIONS.filter((options) => (outcome(bytes, options) ?? valid) !== valid);
}

const EVERYTHING = `(module
  (type $t (func (param i32) (result i32)))
  (type $s (struct (field i32)))
  (import "a" "f" (func $import (type $t)))
  (import "a" "g" (global $imported i32))
  (import "a" "memory" (memory 1))
  (tag $tag (param i32))
  (table $table 3 10 funcref)
  (table $filled 3 (ref $t) (ref.func $second))
  (global $g (mut i32) (i32.add (global.get $imported) (i32.const 1)))
  (global $r (mut (ref null $t)) (ref.func $second))
  (export "g" (global $g))
  (export "memory" (memory 0))
  (start $start)
  (elem (table $table) (i32.const 0) func $import $second)
  (elem (table $table) (offset (i32.const 2)) funcref (ref.func $second))
  (elem $passive func $second $start)
  (data (i32.const 8) "hello")
  (data $d "passive")
  (func $start)
  (func $second (export "run") (type $t) (local $i i32) (local v128)
    (loop $l
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (drop (memory.grow (i32.const 0)))
      (br_if $l (i32.lt_u (local.get $i) (local.get 0))))
    (block $exit (loop $m (br_if $exit (i32.load8_u (local.get $i)))
      (br_if $m (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
    (block $h (result i32) (try_table (catch $tag $h) (throw $tag (i32.const 1))) (i32.const 2)) drop
    (memory.fill (i32.const 0) (i32.const 1) (memory.size))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))
    (drop (struct.get $s 0 (struct.new $s (i32.const 1))))
    (i8x16.extract_lane_s 3 (v128.const i32x4 1 2 3 4)) drop
    (call_indirect $table (type $t) (i32.const 1) (i32.const 0)) drop
    (call $import (global.get $g))))`;

describe('a module of every feature', () => {
  let module: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    module = await originalBytes(EVERYTHING);
  });

  it('is valid, and so it is rewritten', () => {
    expect(WebAssembly.validate(module)).toBe(true);
    expect(misjudged(module)).toEqual([]);
  });

  it('is judged alike cut off anywhere', () => {
    for (let length = 0; length < module.length; length += 1) {
      expect(misjudged(module.slice(0, length))).toEqual([]);
    }
  });

  it('is judged alike with any byte changed', () => {
    for (let at = 8; at < module.length; at += 1) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff, (module[at] ?? 0) + 1, (module[at] ?? 0) ^ 0x40]) {
        expect(misjudged(module.with(at, value))).toEqual([]);
      }
    }
  });

  it('is judged alike with several bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(module.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (list) => {
        const changed = module.slice();
        for (const [at, value] of list) {
          changed[at] = value;
        }
        expect(misjudged(changed)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a real module', () => {
  let module: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    const bytes = await fixture('rhello');
    const [{ offset, length } = { offset: 0, length: 0 }] = decodeComponent(bytes).modules;
    module = new Uint8Array(bytes.subarray(offset, offset + length));
  });

  it('is judged alike damaged anywhere', () => {
    fc.assert(
      fc.property(fc.nat(module.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        expect(misjudged(cut ? module.slice(0, at) : module.with(at, value))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('bytes of no meaning', () => {
  it('give an error or a module that V8 judges', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(misjudged(Uint8Array.from([...PREAMBLE, ...bytes]))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
