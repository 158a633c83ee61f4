// Every mutable global that a module defines comes back, whatever its type.
import { describe, expect, it } from 'vitest';
import { rewriteModule } from './index.ts';
import { rewritten, wat } from './testing/engine.ts';

describe('spindle:save and spindle:restore', () => {
  it('put back numbers, vectors and references', async () => {
    const first = { first: true };
    const instance = await rewritten(
      `(module
        (import "a" "constant" (global $constant i32))
        (import "a" "object" (global $object externref))
        (type $f (func (result i32)))
        (func $one (type $f) i32.const 1)
        (func $two (type $f) i32.const 2)
        (elem declare func $one $two)
        (global $i32 (mut i32) (i32.add (global.get $constant) (i32.const 1)))
        (global $fixed i32 (i32.const 5))
        (global $i64 (mut i64) (i64.const -2))
        (global $f32 (mut f32) (f32.const 0.5))
        (global $f64 (mut f64) (f64.const -0.25))
        (global $v128 (mut v128) (v128.const i32x4 1 2 3 4))
        (global $extern (mut externref) (global.get $object))
        (global $func (mut funcref) (ref.func $one))
        (global $typed (mut (ref null $f)) (ref.null $f))
        (global $never (mut (ref $f)) (ref.func $one))
        (global $any (mut anyref) (ref.i31 (i32.const 3)))
        (func (export "look") (result i32 i64 f32 f64 i32 externref i32 i32 i32 i32)
          global.get $i32 global.get $i64 global.get $f32 global.get $f64
          (i32x4.extract_lane 2 (global.get $v128))
          global.get $extern
          (ref.is_null (global.get $func))
          (ref.is_null (global.get $typed))
          (call_ref $f (global.get $never))
          (i31.get_s (ref.cast (ref i31) (global.get $any))))
        (func (export "change")
          (global.set $i32 (i32.const 100))
          (global.set $i64 (i64.const 100))
          (global.set $f32 (f32.const 100))
          (global.set $f64 (f64.const 100))
          (global.set $v128 (v128.const i32x4 9 9 9 9))
          (global.set $extern (ref.null extern))
          (global.set $func (ref.null func))
          (global.set $typed (ref.func $two))
          (global.set $never (ref.func $two))
          (global.set $any (ref.i31 (i32.const 9)))))`,
      { a: { constant: 41, object: first } },
    );
    const before = instance.call('look');
    expect(before).toEqual([42, -2n, 0.5, -0.25, 3, first, 0, 1, 1, 3]);
    instance.save();
    for (let round = 0; round < 2; round += 1) {
      instance.call('change');
      expect(instance.call('look')).toEqual([100, 100n, 100, 100, 9, null, 1, 0, 2, 9]);
      instance.restore();
      expect(instance.call('look')).toEqual(before);
    }
  });

  it('keep exported globals where their importers see them', async () => {
    const owner = await rewritten('(module (global (export "g") (mut i32) (i32.const 3)))');
    const { g } = owner.exports;
    owner.save();
    const guest = await rewritten(
      '(module (import "o" "g" (global $g (mut i32))) (func (export "set") (global.set $g (i32.const 8))))',
      { o: { g } },
    );
    expect(guest.facts.savesGlobals).toBe(false);
    guest.call('set');
    expect((g as WebAssembly.Global).value).toBe(8);
    owner.restore();
    expect((g as WebAssembly.Global).value).toBe(3);
  });

  it('are left out of a module without a global that can change', async () => {
    const { facts } = rewriteModule(await wat('(module (global i32 (i32.const 1)))'), { timeChecks: false });
    expect(facts.savesGlobals).toBe(false);
  });
});
