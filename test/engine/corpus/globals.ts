// Globals of every type.
import { always, run, single, type Works } from './case.ts';

/** Counts in a mutable global of a numeric type. */
const counter = (type: string, zero: string, one: string, bits: string): Works => ({
  name: `a mutable global of type ${type}`,
  text: single(`(global $g (mut ${type}) (${zero}))
    ${run(`(global.set $g (${one} (global.get $g))) (${bits} (global.get $g))`)}`),
  calls: always(0, 1n),
});

/** Whether a reference is what it was; then it is changed. */
const reference = (type: string, before: string, after: string, rest = ''): Works => ({
  name: `a mutable global of type ${type}`,
  text: single(`${rest} (global $g (mut ${type}) (${before}))
    ${run(`(i64.extend_i32_u (ref.is_null (global.get $g))) (global.set $g (${after}))`)}`),
  calls: always(0, before.startsWith('ref.null') ? 1n : 0n),
});

export const globals: readonly Works[] = [
  counter('i32', 'i32.const 0', 'i32.add (i32.const 1)', 'i64.extend_i32_u'),
  counter('i64', 'i64.const 0', 'i64.add (i64.const 1)', 'i64.or (i64.const 0)'),
  counter('f32', 'f32.const 0', 'f32.add (f32.const 1)', 'i64.trunc_f32_u'),
  counter('f64', 'f64.const 0', 'f64.add (f64.const 1)', 'i64.trunc_f64_u'),
  counter('v128', 'v128.const i64x2 0 0', 'i64x2.add (v128.const i64x2 0 1)', 'i64x2.extract_lane 1'),
  {
    name: 'a NaN with a payload in a global',
    text: single(
      `(global $g (mut f32) (f32.const nan:0x200001)) ${run(`
      (i64.extend_i32_u (i32.reinterpret_f32 (global.get $g))) (global.set $g (f32.const nan:0x300003))`)}`,
    ),
    calls: always(0, 0x7fa0_0001n),
  },
  reference('funcref', 'ref.null func', 'ref.func $f', '(func $f) (elem declare func $f)'),
  reference('externref', 'ref.null extern', 'extern.convert_any (ref.i31 (i32.const 5))'),
  reference('anyref', 'ref.null any', 'ref.i31 (i32.const 5)'),
  reference('i31ref', 'ref.i31 (i32.const 1)', 'ref.null i31'),
  reference(
    '(ref null $t)',
    'ref.null $t',
    'ref.func $f',
    '(type $t (func)) (func $f (type $t)) (elem declare func $f)',
  ),
  {
    name: 'a mutable global that is never null',
    text: single(`(type $t (func (result i64)))
      (func $one (type $t) (i64.const 1)) (func $two (type $t) (i64.const 2)) (elem declare func $one $two)
      (global $g (mut (ref $t)) (ref.func $one))
      ${run('(call_ref $t (global.get $g)) (global.set $g (ref.func $two))')}`),
    calls: always(0, 1n),
  },
  {
    name: 'a global that another module changes',
    text: `(component
      (core module $a (global (export "g") (mut i64) (i64.const 5))
        (func (export "get") (result i64) (global.get 0)))
      (core module $b (import "a" "g" (global $g (mut i64))) (import "a" "get" (func $get (result i64)))
        ${run('(global.set $g (i64.add (global.get $g) (i64.const 1))) (call $get)')})
      (core instance $a (instantiate $a))
      (core instance $b (instantiate $b (with "a" (instance $a))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $b "run"))))`,
    calls: always(0, 6n),
  },
  {
    name: 'a global that begins as another module has it',
    text: `(component
      (core module $a (global (export "g") i64 (i64.const 5)))
      (core module $b (import "a" "g" (global $first i64)) (global $g (mut i64) (i64.add (global.get $first) (i64.const 2)))
        ${run('(global.set $g (i64.add (global.get $g) (i64.const 1))) (global.get $g)')})
      (core instance $a (instantiate $a))
      (core instance $b (instantiate $b (with "a" (instance $a))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $b "run"))))`,
    calls: always(0, 8n),
  },
  {
    name: 'a thousand mutable globals',
    text: single(`${Array.from({ length: 1000 }, (_, n) => `(global $g${n} (mut i32) (i32.const ${n}))`).join(' ')}
      ${run(
        `(local $sum i32) ${Array.from(
          { length: 1000 },
          (_, n) =>
            `(local.set $sum (i32.add (local.get $sum) (global.get $g${n}))) (global.set $g${n} (i32.const -1))`,
        ).join(' ')} (i64.extend_i32_u (local.get $sum))`,
      )}`),
    calls: always(0, 499_500n),
  },
  {
    name: 'a global that the start function changes',
    text: single(`(global $g (mut i64) (i64.const 0)) (func $start (global.set $g (i64.const 40))) (start $start)
      ${run('(global.set $g (i64.add (global.get $g) (i64.const 1))) (global.get $g)')}`),
    calls: always(0, 41n),
  },
];
