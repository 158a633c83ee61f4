// Segments, start functions and the later proposals: exceptions, tail calls, SIMD, garbage-collected types.
import { always, OUT_OF_BOUNDS, run, single, type Refused, type Works } from './case.ts';

const PASSIVE = '(memory 1) (data $d "\\05\\06")';

export const instructions: readonly Works[] = [
  {
    name: 'memory.init from a segment that stays',
    text: single(
      `${PASSIVE} ${run(`
      (memory.init $d (i32.sub (i32.const 65536) (i32.sub (i32.const 2) (local.get $n))) (i32.const 0) (i32.const 2))
      (i64.extend_i32_u (i32.load16_u (i32.const 65534)))`)}`,
    ),
    calls: [
      [0, 0x0605n],
      [1, OUT_OF_BOUNDS],
      [0, 0x0605n],
    ],
  },
  {
    name: 'memory.init beyond its segment',
    text: single(`${PASSIVE} ${run('(memory.init $d (i32.const 0) (i32.const 1) (i32.const 2)) (i64.const 0)')}`),
    calls: always(0, OUT_OF_BOUNDS),
  },
  {
    name: 'data.drop',
    text: single(
      `${PASSIVE} ${run(`
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 2)) (data.drop $d)
      (i64.extend_i32_u (i32.load8_u (i32.const 0)))`)}`,
    ),
    obstacle: /data\.drop/,
    calls: always(0, 5n),
  },
  {
    name: 'a start function that fills and grows the memory',
    text: single(`(memory 1) (func $start (drop (memory.grow (i32.const 1))) (i64.store (i32.const 65536) (i64.const 9)))
      (start $start)
      ${run(`(i64.store (i32.const 65536) (i64.add (i64.load (i32.const 65536)) (i64.const 1)))
        (drop (memory.grow (i32.const 1)))
        (i64.add (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 100)) (i64.load (i32.const 65536)))`)}`),
    calls: always(0, 310n),
  },
  {
    name: 'exceptions',
    text: single(
      `(tag $e (param i64)) (global $g (mut i64) (i64.const 0)) ${run(`
      (global.set $g (i64.add (global.get $g) (i64.const 1)))
      (if (i32.eqz (local.get $n)) (then (throw $e (i64.const 1))))
      (block $caught (result i64)
        (try_table (catch $e $caught) (throw $e (i64.add (global.get $g) (i64.const 40))))
        (unreachable))`)}`,
    ),
    calls: [
      [1, 41n],
      [0, { trap: 'WebAssembly.Exception' }],
      [1, 41n],
    ],
  },
  {
    name: 'an exception thrown again',
    text: single(
      `(tag $e) (memory 1) ${run(`
      (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
      (block $outer
        (try_table (catch $e $outer)
          (block $inner (result exnref) (try_table (result exnref) (catch_all_ref $inner) (throw $e)))
          (throw_ref)))
      (i64.extend_i32_u (i32.load8_u (i32.const 0)))`)}`,
    ),
    calls: always(0, 1n),
  },
  {
    name: 'tail calls, a million deep',
    text: single(`(func $down (param $n i32) (param $sum i64) (result i64)
        (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
        (return_call $down (i32.sub (local.get $n) (i32.const 1)) (i64.add (local.get $sum) (i64.const 2))))
      ${run('(return_call $down (local.get $n) (i64.const 0))')}`),
    calls: always(1_000_000, 2_000_000n),
  },
  {
    name: 'recursion without end',
    text: single(`(global $g (mut i64) (i64.const 0))
      (func $down (param i32) (result i64) (global.set $g (i64.add (global.get $g) (i64.const 1)))
        (i64.add (call $down (local.get 0)) (i64.const 1)))
      ${run('(if (local.get $n) (then (return (global.get $g)))) (call $down (local.get $n))')}`),
    calls: [
      [1, 0n],
      [0, { trap: 'Maximum call stack size exceeded' }],
      [1, 0n],
    ],
  },
  {
    name: 'SIMD, relaxed too',
    text: single(
      `(memory 1) ${run(`
      (v128.store (i32.const 16) (i32x4.add (v128.load (i32.const 16)) (v128.const i32x4 1 2 3 4)))
      (v128.store (i32.const 16) (i32x4.relaxed_laneselect (v128.load (i32.const 16)) (v128.const i32x4 0 0 0 0) (v128.const i32x4 -1 -1 -1 -1)))
      (i64x2.extract_lane 1 (v128.load (i32.const 16)))`)}`,
    ),
    calls: always(0, 0x4_0000_0003n),
  },
  {
    name: 'structs and arrays that a call makes and forgets',
    text: single(
      `(type $s (struct (field (mut i64)))) (type $a (array (mut i8))) ${run(`(local $x (ref null $s))
      (local.set $x (struct.new $s (i64.const 4)))
      (struct.set $s 0 (local.get $x) (i64.add (struct.get $s 0 (local.get $x)) (i64.const 1)))
      (i64.add (struct.get $s 0 (local.get $x)) (i64.extend_i32_u (array.len (array.new $a (i32.const 1) (local.get $n)))))`)}`,
    ),
    obstacle: /struct|array|GC/i,
    calls: always(10, 15n),
  },
  {
    name: 'a struct in a global, changed in place',
    text: single(
      `(type $s (struct (field (mut i64)))) (global $g (ref $s) (struct.new $s (i64.const 0))) ${run(`
      (struct.set $s 0 (global.get $g) (i64.add (struct.get $s 0 (global.get $g)) (i64.const 1)))
      (struct.get $s 0 (global.get $g))`)}`,
    ),
    obstacle: /struct|array|GC/i,
    calls: always(0, 1n),
  },
  {
    name: 'several results and a block with parameters',
    text: single(`(func $two (result i64 i64) (i64.const 3) (i64.const 4))
      ${run('(call $two) (block (param i64 i64) (result i64) (i64.sub))')}`),
    calls: always(0, 0xffff_ffff_ffff_ffffn),
  },
  {
    name: 'a jump table of a thousand targets',
    text: single(
      run(`${'(block '.repeat(1000)} (br_table ${Array.from({ length: 1000 }, (_, n) => n).join(' ')} (local.get $n))
      ${') '.repeat(1000)} (i64.const 12)`),
    ),
    calls: [
      [0, 12n],
      [999, 12n],
      [5000, 12n],
    ],
  },
  {
    name: 'a component of nine hundred core modules',
    text: `(component
      ${Array.from({ length: 900 }, (_, n) => `(core module (func (export "f") (result i32) (i32.const ${n})))`).join('\n')}
      (core module $m (memory 1) ${run(`
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (i64.load32_u (i32.const 0))`)})
      (core instance $i (instantiate $m))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $i "run"))))`,
    calls: always(0, 1n),
  },
  {
    name: 'two hundred instances of a module with memory and globals',
    text: `(component
      (core module $m (memory 1) (global $g (mut i64) (i64.const 0)) ${run(`
        (global.set $g (i64.add (global.get $g) (i64.const 1)))
        (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (global.get $g)))
        (i64.load (i32.const 8))`)})
      ${Array.from({ length: 200 }, (_, n) => `(core instance $i${n} (instantiate $m))`).join('\n')}
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $i199 "run"))))`,
    calls: always(0, 1n),
  },
];

const NOTHING = run('(i64.const 0)');
const MANY = Array.from({ length: 3000 });

export const refusedModules: readonly Refused[] = [
  {
    name: 'a start function that traps',
    text: single(`(func $s unreachable) (start $s) ${NOTHING}`),
    refused: /unreachable/,
  },
  {
    name: 'a start function that runs out of stack',
    text: single(`(func $s (call $s)) (start $s) ${NOTHING}`),
    refused: /call stack/,
  },
  {
    name: 'three thousand core modules',
    text: `(component ${MANY.map(() => '(core module)').join('\n')})`,
    refused: /more than 1000 core modules/,
  },
  {
    name: 'three thousand instances of a core module',
    text: `(component (core module $m) ${MANY.map(() => '(core instance (instantiate $m))').join('\n')})`,
    refused: /more than 1000 core instances/,
  },
  {
    name: 'code that is not valid',
    text: single('(func (export "run") (param i32) (result i64) (i32.const 0))'),
    refused: /module/,
  },
  {
    name: 'an import of the engine itself',
    text: `(component
      (core module $a (memory (export "memory0") 1))
      (core module $m (import "spindle:engine" "memory0" (memory 1)) ${NOTHING})
      (core instance $a (instantiate $a))
      (core instance $i (instantiate $m (with "spindle:engine" (instance $a))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $i "run"))))`,
    refused: /spindle:engine/,
  },
  {
    name: 'an export that is named as one of the engine',
    text: single(`(func (export "spindle:restore")) ${NOTHING}`),
    refused: /spindle:/,
  },
];
