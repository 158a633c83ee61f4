// Memories of every number, size and kind.
import { always, OUT_OF_BOUNDS, run, single, type Refused, type Works } from './case.ts';

const PAGE = 65_536;

/** Adds one to the i64 at `address` and answers with it. */
const count = (address: number, memory = ''): string => `
  (i64.store ${memory} (i32.const ${address}) (i64.add (i64.load ${memory} (i32.const ${address})) (i64.const 1)))
  (i64.load ${memory} (i32.const ${address}))`;

/** Every load and store, with its width. */
const LOADS: readonly (readonly [string, number])[] = [
  ['i32.load8_s', 1],
  ['i32.load8_u', 1],
  ['i32.load16_s', 2],
  ['i32.load16_u', 2],
  ['i32.load', 4],
  ['f32.load', 4],
  ['i64.load8_s', 1],
  ['i64.load16_u', 2],
  ['i64.load32_s', 4],
  ['i64.load', 8],
  ['f64.load', 8],
  ['v128.load', 16],
  ['v128.load8x8_s', 8],
  ['v128.load8_splat', 1],
  ['v128.load64_splat', 8],
  ['v128.load32_zero', 4],
];

const STORES: readonly (readonly [string, string, number])[] = [
  ['i32.store8', 'i32.const -1', 1],
  ['i32.store16', 'i32.const -1', 2],
  ['i32.store', 'i32.const -1', 4],
  ['f32.store', 'f32.const 1', 4],
  ['i64.store8', 'i64.const -1', 1],
  ['i64.store32', 'i64.const -1', 4],
  ['i64.store', 'i64.const -1', 8],
  ['f64.store', 'f64.const 1', 8],
  ['v128.store', 'v128.const i64x2 -1 -1', 16],
];

/**
 * Call 0 grows the memory by two pages and writes to the last byte; call 1 accesses the last bytes of the first page,
 * call 2 one byte further, which is out of bounds again once the memory has shrunk.
 */
const boundary = (name: string, access: (address: string) => string, width: number): Works => ({
  name: `a memory that has shrunk ends where it should: ${name}`,
  text: single(`(memory 1)
    (func $end (result i32) (i32.mul (memory.size) (i32.const ${PAGE})))
    ${run(`
      (if (i32.eqz (local.get $n)) (then
        (drop (memory.grow (i32.const 2)))
        (i32.store8 (i32.sub (call $end) (i32.const 1)) (i32.const 7))))
      (if (i32.eq (local.get $n) (i32.const 1)) (then ${access(`(i32.sub (call $end) (i32.const ${width}))`)}))
      (if (i32.eq (local.get $n) (i32.const 2)) (then ${access(`(i32.sub (call $end) (i32.const ${width - 1}))`)}))
      (i64.extend_i32_u (memory.size))`)}`),
  calls: [
    [0, 3n],
    [1, 1n],
    [2, OUT_OF_BOUNDS],
    [0, 3n],
    [2, OUT_OF_BOUNDS],
  ],
});

const bulk = (name: string, access: (size: string) => string): Works => {
  const { text } = boundary(name, () => access('(call $end)'), 1);
  return {
    name: `a memory that has shrunk ends where it should: ${name}`,
    text,
    calls: [
      [0, 3n],
      [1, OUT_OF_BOUNDS],
      [0, 3n],
      [2, OUT_OF_BOUNDS],
    ],
  };
};

export const memories: readonly Works[] = [
  { name: 'no memory', text: single(run('(i64.extend_i32_u (local.get $n))')), calls: always(7, 7n) },
  {
    name: 'an exported memory',
    text: single(`(memory (export "memory") 1) ${run(count(64))}`),
    calls: always(0, 1n),
  },
  {
    name: 'a memory of three names',
    text: single(`(memory (export "a") (export "b") (export "") 1 1) ${run(count(65_528))}`),
    calls: always(0, 1n),
  },
  {
    name: 'a memory of zero pages',
    text: single(
      `(memory 0) ${run(`
      (if (i32.eq (local.get $n) (i32.const 1)) (then (drop (i32.load8_u (i32.const 0)))))
      (if (i32.eq (local.get $n) (i32.const 2)) (then
        (drop (memory.grow (i32.const 1)))
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
        (return (i64.extend_i32_u (i32.load8_u (i32.const 0))))))
      (i64.extend_i32_u (memory.size))`)}`,
    ),
    calls: [
      [0, 0n],
      [1, OUT_OF_BOUNDS],
      [2, 1n],
      [2, 1n],
      [1, OUT_OF_BOUNDS],
    ],
  },
  {
    name: 'a memory that may never have a page',
    text: single(`(memory 0 0) ${run('(i64.extend_i32_s (memory.grow (local.get $n)))')}`),
    calls: [
      [0, 0n],
      [1, 0xffff_ffff_ffff_ffffn],
      [0xffff_ffff, 0xffff_ffff_ffff_ffffn],
    ],
  },
  {
    name: 'growth to the declared maximum and not beyond',
    text: single(
      `(memory 2 5) ${run(`
      (drop (memory.grow (local.get $n)))
      (i64.extend_i32_u (memory.size))`)}`,
    ),
    calls: [
      [3, 5n],
      [4, 2n],
      [0xffff_ffff, 2n],
      [3, 5n],
    ],
  },
  {
    name: 'growth to the cap and not beyond',
    text: single(
      `(memory 1) ${run(`
      (drop (memory.grow (local.get $n)))
      (i64.extend_i32_u (memory.size))`)}`,
    ),
    instanceMemory: 4 * PAGE + 5,
    calls: [
      [3, 4n],
      [4, 1n],
      [3, 4n],
    ],
  },
  {
    name: 'growth in steps, each page new and zero',
    text: single(`(memory 1) (func $grow (result i32) (i32.mul (memory.grow (i32.const 1)) (i32.const ${PAGE})))
      (func $use (param $at i32) (result i32)
        (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
        (i32.load8_u (local.get $at)))
      ${run(`(i64.extend_i32_u (i32.add (i32.add (call $use (call $grow)) (call $use (call $grow))) (call $use (i32.const 65535))))`)}`),
    calls: always(0, 3n),
  },
  {
    name: 'a memory of 4 GiB with a data segment in the last page',
    text: single(`(memory 65536) (data (i32.const -8) "\\01\\00\\00\\00\\00\\00\\00\\00") ${run(count(0xffff_fff8))}`),
    calls: always(0, 2n),
  },
  {
    name: 'growth to 4 GiB',
    text: single(
      `(memory 1) ${run(`
      (drop (memory.grow (i32.const 65535)))
      (i32.store8 (i32.const -1) (i32.add (i32.load8_u (i32.const -1)) (i32.const 1)))
      (i64.extend_i32_u (i32.load8_u (i32.const -1)))`)}`,
    ),
    calls: always(0, 1n),
  },
  {
    name: 'addresses that overflow 32 bits',
    text: single(`(memory 1) ${run('(i64.load offset=4294967295 (i32.const -1))')}`),
    calls: always(0, OUT_OF_BOUNDS),
  },
  {
    name: 'overlapping data segments, the last byte too',
    text: single(`(memory 1) (data (i32.const 65535) "\\01") (data (i32.const 65528) "\\02\\00\\00\\00\\00\\00\\00\\03")
      ${run(count(65_528))}`),
    calls: always(0, 0x0300_0000_0000_0003n),
  },
  {
    name: 'two memories',
    text: single(`(memory $a 1) (memory $b 1) ${run(count(8, '$b'))}`),
    obstacle: /memor/,
    calls: always(0, 1n),
  },
  {
    name: 'a hundred memories',
    text: single(`${'(memory 1) '.repeat(99)} (memory $last 1) ${run(count(8, '$last'))}`),
    obstacle: /memor/,
    calls: always(0, 1n),
  },
  {
    name: 'atomic instructions on a memory of its own',
    text: single(`(memory 1) ${run('(i64.atomic.rmw.add (i32.const 8) (i64.const 1))')}`),
    obstacle: /atomic/,
    calls: always(0, 0n),
  },
  {
    name: 'a memory that another module grows',
    text: `(component
      (core module $a (memory (export "m") 1 10)
        (func (export "size") (result i32) (memory.size)))
      (core module $b (import "a" "m" (memory 1)) (import "a" "size" (func $size (result i32)))
        ${run(`
          (drop (memory.grow (local.get $n)))
          (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const ${PAGE})) (i32.const 1)) (i32.const 1))
          (i64.extend_i32_u (i32.add (i32.mul (memory.size) (i32.const 100)) (call $size)))`)})
      (core instance $a (instantiate $a))
      (core instance $b (instantiate $b (with "a" (instance $a))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $b "run"))))`,
    calls: [
      [2, 303n],
      [0, 101n],
      [9, 1010n],
      [10, 101n],
    ],
  },
  {
    name: 'a memory that its definer grows, seen by another module',
    text: `(component
      (core module $a (memory (export "m") 1)
        (func (export "grow") (param i32) (drop (memory.grow (local.get 0)))))
      (core module $b (import "a" "m" (memory 1)) (import "a" "grow" (func $grow (param i32)))
        ${run(`
          (call $grow (local.get $n))
          (drop (i32.load8_u (i32.const ${3 * PAGE - 1})))
          (i64.extend_i32_u (memory.size))`)})
      (core instance $a (instantiate $a))
      (core instance $b (instantiate $b (with "a" (instance $a))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $b "run"))))`,
    calls: [
      [2, 3n],
      [1, OUT_OF_BOUNDS],
      [0, OUT_OF_BOUNDS],
      [2, 3n],
    ],
  },
  {
    name: 'a memory imported and exported again under another name',
    text: `(component
      (core module $a (memory (export "m") 1))
      (core module $b (import "a" "m" (memory 1)) (export "again" (memory 0)))
      (core module $c (import "b" "again" (memory 1))
        ${run(`(drop (memory.grow (i32.const 1))) (i64.extend_i32_u (memory.size))`)})
      (core instance $a (instantiate $a))
      (core instance $b (instantiate $b (with "a" (instance $a))))
      (core instance $c (instantiate $c (with "b" (instance $b))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $c "run"))))`,
    calls: always(0, 2n),
  },
  {
    name: 'one module in two instances, each with a memory of its own',
    text: `(component
      (core module $m (memory 1) ${run(count(8))})
      (core instance $a (instantiate $m))
      (core instance $b (instantiate $m))
      (core module $both (import "a" "run" (func $a (param i32) (result i64))) (import "b" "run" (func $b (param i32) (result i64)))
        ${run('(drop (call $a (i32.const 0))) (i64.add (call $a (i32.const 0)) (call $b (i32.const 0)))')})
      (core instance $c (instantiate $both (with "a" (instance $a)) (with "b" (instance $b))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $c "run"))))`,
    calls: always(0, 3n),
  },
  ...LOADS.map(([name, width]) => boundary(name, (address) => `(drop (${name} ${address}))`, width)),
  ...STORES.map(([name, value, width]) => boundary(name, (address) => `(${name} ${address} (${value}))`, width)),
  bulk('memory.fill', (size) => `(memory.fill (i32.sub ${size} (i32.const 1)) (i32.const 1) (i32.const 2))`),
  bulk('memory.copy to', (size) => `(memory.copy (i32.sub ${size} (i32.const 1)) (i32.const 0) (i32.const 2))`),
  bulk('memory.copy from', (size) => `(memory.copy (i32.const 0) (i32.sub ${size} (i32.const 1)) (i32.const 2))`),
  bulk('memory.fill of a length that wraps', (size) => `(memory.fill ${size} (i32.const 1) (i32.const -1))`),
  bulk('memory.copy of a length that wraps', (size) => `(memory.copy (i32.const 0) ${size} (i32.const -1))`),
];

export const refusedMemories: readonly Refused[] = [
  {
    name: 'a memory of 64-bit addresses',
    text: single(`(memory i64 1) ${run('(memory.size)')}`),
    refused: /memory64/,
  },
  {
    name: 'an imported memory of 64-bit addresses',
    text: `(component
      (core module $a (memory (export "m") i64 1))
      (core module $b (import "a" "m" (memory i64 1)) ${run('(memory.size)')})
      (core instance $a (instantiate $a))
      (core instance $b (instantiate $b (with "a" (instance $a))))
      (func (export "run") (param "n" u32) (result u64) (canon lift (core func $b "run"))))`,
    refused: /memory64/,
  },
  {
    name: 'a shared memory',
    text: single(`(memory 1 2 shared) ${run('(i64.atomic.rmw.add (i32.const 8) (i64.const 1))')}`),
    refused: /shared memory/,
  },
  { name: 'a memory of more than 4 GiB', text: single(`(memory 65537) ${run('(i64.const 0)')}`), refused: /module/ },
  {
    name: 'a memory whose maximum is below its size',
    text: single(`(memory 2 1) ${run('(i64.const 0)')}`),
    refused: /module/,
  },
  {
    name: 'a memory larger than an instance may have',
    text: single(`(memory 17) ${run('(i64.const 0)')}`),
    instanceMemory: 16 * PAGE,
    refused: /17|memory/,
  },
  {
    name: 'a data segment beyond the memory',
    text: single(`(memory 1) (data (i32.const 65536) "x") ${run('(i64.const 0)')}`),
    refused: /data segment 0 is out of bounds/,
  },
  {
    name: 'an instruction on a memory that is not there',
    text: single(run('(i64.extend_i32_u (memory.size))')),
    refused: /module/,
  },
];
