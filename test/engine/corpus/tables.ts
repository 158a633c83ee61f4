// Tables and element segments: read, changed, huge.
import { always, run, single, TABLE_OUT_OF_BOUNDS, type Refused, type Works } from './case.ts';

const FUNCTIONS = `(type $t (func (result i64)))
  (func $one (type $t) (i64.const 1)) (func $two (type $t) (i64.const 2))`;

/** Answers with what slot 0 gives, after the change. */
const changed = (name: string, change: string, first: bigint, obstacle: RegExp): Works => ({
  name,
  text: single(`${FUNCTIONS} (table $a 2 9 funcref) (table $b 2 9 funcref)
    (elem (table $a) (i32.const 0) func $one $one) (elem (table $b) (i32.const 0) func $two $two) (elem $spare func $two)
    ${run(`(call_indirect $a (type $t) (i32.const 0)) ${change} (i64.add (i64.extend_i32_u (table.size $a)))`)}`),
  obstacle,
  calls: always(0, first),
});

export const tables: readonly Works[] = [
  {
    name: 'a table that is only read',
    text: single(`${FUNCTIONS} (table 2 funcref) (elem (i32.const 0) func $one $two)
      ${run('(call_indirect (type $t) (local.get $n))')}`),
    calls: [
      [0, 1n],
      [1, 2n],
      [2, TABLE_OUT_OF_BOUNDS],
      [0xffff_ffff, TABLE_OUT_OF_BOUNDS],
    ],
  },
  {
    name: 'a table that another module fills while it is instantiated',
    text: `(component
      (core module $shim (type $t (func (result i64))) (table (export "t") 1 1 funcref)
        (func (export "f") (result i64) (call_indirect (type $t) (i32.const 0))))
      (core module $m (import "shim" "f" (func $f (result i64))) (global $g (mut i64) (i64.const 0))
        (func (export "count") (result i64)
          (global.set $g (i64.add (global.get $g) (i64.const 1))) (global.get $g))
        ${run('(call $f)')})
      (core module $fixup (import "shim" "t" (table 1 funcref)) (import "m" "count" (func $count (result i64)))
        (elem (i32.const 0) func $count))
      (core instance $shim (instantiate $shim))
      (core instance $m (instantiate $m (with "shim" (instance $shim))))
      (core instance (instantiate $fixup (with "shim" (instance $shim)) (with "m" (instance $m))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $m "run"))))`,
    calls: always(0, 1n),
  },
  changed('table.set', '(table.set $a (i32.const 0) (ref.func $two))', 3n, /table\.set/),
  changed('table.grow', '(drop (table.grow $a (ref.null func) (i32.const 1)))', 4n, /table\.grow/),
  changed('table.fill', '(table.fill $a (i32.const 0) (ref.null func) (i32.const 2))', 3n, /table\.fill/),
  changed('table.copy', '(table.copy $a $b (i32.const 0) (i32.const 0) (i32.const 2))', 3n, /table\.copy/),
  changed('table.init', '(table.init $a $spare (i32.const 0) (i32.const 0) (i32.const 1))', 3n, /table\.init/),
  {
    name: 'elem.drop',
    text: single(`${FUNCTIONS} (table $a 1 funcref) (elem $spare func $two)
      ${run('(table.init $a $spare (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $spare) (i64.const 5)')}`),
    obstacle: /table\.init|elem\.drop/,
    calls: always(0, 5n),
  },
  {
    name: 'a table of references to objects outside',
    text: single(
      `(table $a 1 externref) ${run(`
      (i64.extend_i32_u (ref.is_null (table.get $a (i32.const 0))))
      (table.set $a (i32.const 0) (extern.convert_any (ref.i31 (i32.const 1))))`)}`,
    ),
    obstacle: /table\.set/,
    calls: always(0, 1n),
  },
  {
    name: 'a table with a first value, of 64-bit indices',
    text: single(`${FUNCTIONS} (table $a i64 3 (ref $t) (ref.func $two))
      ${run('(call_ref $t (table.get $a (i64.extend_i32_u (local.get $n))))')}`),
    calls: [
      [2, 2n],
      [3, TABLE_OUT_OF_BOUNDS],
    ],
  },
  {
    name: 'a table of ten million slots',
    text: single(`${FUNCTIONS} (table $a 10000000 funcref) ${run('(i64.extend_i32_u (table.size $a))')}`),
    calls: [[0, 10_000_000n]],
  },
];

export const refusedTables: readonly Refused[] = [
  {
    name: 'a table of four thousand million slots',
    text: single(`(table 4294967295 funcref) ${run('(i64.const 0)')}`),
    refused: /module/,
  },
  {
    name: 'an element segment beyond its table',
    text: single(`(table 1 funcref) (func $f) (elem (i32.const 1) func $f) ${run('(i64.const 0)')}`),
    refused: /out of bounds/,
  },
];
