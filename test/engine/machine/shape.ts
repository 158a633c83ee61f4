// Random guests: their memory, segments, globals and tables; and as text, once as core modules and once as a component.
import * as fc from 'fast-check';

const PAGE = 65_536;

export type GlobalType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export interface Shape {
  /** Whether the memory belongs to the module that works on it or to another one. */
  readonly memory: 'own' | 'imported';
  readonly pages: number;
  readonly maximum: number | undefined;
  /** Active data segments: fractions of the memory's last address, and one byte each. */
  readonly segments: readonly { readonly place: number; readonly byte: number }[];
  /** A passive data segment of that many bytes. */
  readonly passive: number | undefined;
  readonly globals: readonly GlobalType[];
  /** Slots of a table of functions. */
  readonly table: number;
  /** Grows its memory in its start function. */
  readonly start: boolean;
}

export const shapes: fc.Arbitrary<Shape> = fc
  .record({
    memory: fc.constantFrom<Shape['memory'][]>('own', 'imported'),
    pages: fc.integer({ min: 0, max: 3 }),
    maximum: fc.option(fc.integer({ min: 3, max: 6 }), { nil: undefined }),
    segments: fc.array(
      fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.integer({ min: 1, max: 255 }) }),
      { maxLength: 4 },
    ),
    passive: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    globals: fc.array(fc.constantFrom<GlobalType[]>('i32', 'i64', 'f32', 'f64', 'v128'), { maxLength: 6 }),
    table: fc.integer({ min: 1, max: 3 }),
    start: fc.boolean(),
  })
  // What a start function does not get stands in residue.test.ts.
  .map((shape) => ({ ...shape, start: shape.start && shape.pages < (shape.maximum ?? Number.POSITIVE_INFINITY) }));

/** What a guest can be told to do; each takes three numbers. By index: the number of the operation. */
export const OPERATIONS = [
  'size',
  'grow',
  'store8',
  'store64',
  'store128',
  'load8',
  'load64',
  'load128',
  'load-far',
  'fill',
  'copy',
  'init',
  'set-global',
  'get-global',
  'call',
  'trap',
  'recurse',
  'grow-elsewhere',
  'size-elsewhere',
] as const;

export type Operation = (typeof OPERATIONS)[number];

const [a, b, c] = ['(local.get $a)', '(local.get $b)', '(local.get $c)'];
const done = (code: string): string => `${code} (i64.const 0)`;
const wide = '(i64.add (i64.mul (i64.extend_i32_u (local.get $b)) (i64.const 0x100000001)) (i64.const 1))';

/** Converts the i64 that stands for $b into each type, and back. */
const INTO: Readonly<Record<GlobalType, string>> = {
  i32: `(i32.wrap_i64 ${wide})`,
  i64: wide,
  f32: `(f32.convert_i64_u ${wide})`,
  f64: `(f64.convert_i64_u ${wide})`,
  v128: `(i64x2.splat ${wide})`,
};
const BITS: Readonly<Record<GlobalType, string>> = {
  i32: 'i64.extend_i32_u',
  i64: 'i64.or (i64.const 0)',
  f32: 'i64.extend_i32_u (i32.reinterpret_f32',
  f64: 'i64.reinterpret_f64',
  v128: 'i64x2.extract_lane 1',
};
const ZERO: Readonly<Record<GlobalType, string>> = {
  i32: 'i32.const 3',
  i64: 'i64.const -4',
  f32: 'f32.const 0.5',
  f64: 'f64.const -0',
  v128: 'v128.const i64x2 1 2',
};

/** Each global behind its number in $a. */
const perGlobal = ({ globals }: Shape, code: (type: GlobalType, index: number) => string): string =>
  globals
    .map((type, index) => `(if (i32.eq ${a} (i32.const ${index})) (then (return ${code(type, index)})))`)
    .join(' ');

const bits = (type: GlobalType, index: number): string =>
  `(${BITS[type]} (global.get $g${index})${type === 'f32' ? ')' : ''})`;

function body(operation: Operation, shape: Shape): string {
  const elsewhere = shape.memory === 'imported';
  const bodies: Readonly<Record<Operation, string>> = {
    size: '(i64.extend_i32_u (memory.size))',
    // At most 7 pages at once, or far too many: a few megabytes are enough to see.
    grow: `(i64.extend_i32_s (memory.grow (if (result i32) (i32.lt_u ${b} (i32.const 64)) (then (i32.const -1)) (else (i32.and ${a} (i32.const 7))))))`,
    store8: done(`(i32.store8 ${a} ${b})`),
    store64: done(`(i64.store offset=3 ${a} ${wide})`),
    store128: done(`(v128.store ${a} (i64x2.splat ${wide}))`),
    load8: `(i64.extend_i32_u (i32.load8_u ${a}))`,
    load64: `(i64.load offset=5 ${a})`,
    load128: `(i64x2.extract_lane 1 (v128.load ${a}))`,
    'load-far': `(i64.load offset=4294967290 ${a})`,
    fill: done(`(memory.fill ${a} ${b} ${c})`),
    copy: done(`(memory.copy ${a} ${b} ${c})`),
    init: shape.passive === undefined ? '(i64.const 0)' : done(`(memory.init $passive ${a} ${b} ${c})`),
    'set-global': done(perGlobal(shape, (type, index) => done(`(global.set $g${index} ${INTO[type]})`))),
    'get-global': done(perGlobal(shape, bits)),
    call: `(call_indirect (type $f) (i32.and ${a} (i32.const 3)))`,
    trap: 'unreachable',
    recurse: `(if (i32.eqz ${a}) (then (return (i64.const 0)))) (i64.add (i64.const 1) (call $recurse (i32.and ${a} (i32.const 255))))`,
    'grow-elsewhere': elsewhere ? `(i64.extend_i32_s (call $grow (i32.and ${a} (i32.const 3))))` : '(i64.const 0)',
    'size-elsewhere': elsewhere ? '(i64.extend_i32_u (call $size))' : '(i64.const 0)',
  };
  return bodies[operation];
}

function working(shape: Shape): string {
  const { globals, passive, table, start } = shape;
  return `
    ${shape.memory === 'own' ? `${memory(shape)} ${active(shape)}` : ''}
    (type $f (func (result i64)))
    (func $f0 (type $f) (i64.const 100)) (func $f1 (type $f) (i64.const 101)) (func $f2 (type $f) (i64.const 102))
    (table ${table} 3 funcref) (elem (i32.const 0) func ${['$f0', '$f1', '$f2'].slice(0, table).join(' ')})
    ${passive === undefined ? '' : `(data $passive "${'\\ab'.repeat(passive)}")`}
    ${globals.map((type, index) => `(global $g${index} (mut ${type}) (${ZERO[type]}))`).join(' ')}
    (func $recurse (param i32) (result i64)
      (if (i32.eqz (local.get 0)) (then (return (i64.const 0))))
      (i64.add (i64.const 1) (call $recurse (i32.sub (local.get 0) (i32.const 1)))))
    ${start ? '(func $start (drop (memory.grow (i32.const 1)))) (start $start)' : ''}
    (func (export "op") (param $k i32) (param $a i32) (param $b i32) (param $c i32) (result i64)
      ${OPERATIONS.map(
        (operation, index) =>
          `(if (i32.eq (local.get $k) (i32.const ${index})) (then ${
            operation === 'trap' ? 'unreachable' : `(return (block (result i64) ${body(operation, shape)}))`
          }))`,
      ).join('\n')}
      (i64.const 0))`;
}

const memory = ({ pages, maximum }: Shape): string =>
  `(memory (export "m") ${pages} ${maximum === undefined ? '' : Math.max(pages, maximum)})`;

const active = ({ pages, segments }: Shape): string =>
  pages === 0
    ? ''
    : segments
        .map(
          ({ place, byte }) =>
            `(data (i32.const ${Math.floor(place * (pages * PAGE - 1))}) "\\${byte.toString(16).padStart(2, '0')}")`,
        )
        .join(' ');

const IMPORTS = `(import "a" "m" (memory 0)) (import "a" "grow" (func $grow (param i32) (result i32)))
  (import "a" "size" (func $size (result i32)))`;

/** The modules as text, first the one that others import from. */
export function modulesOf(shape: Shape): readonly string[] {
  if (shape.memory === 'own') {
    return [`(module ${working(shape)})`];
  }
  return [
    `(module ${memory(shape)} ${active(shape)}
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "size") (result i32) (memory.size)))`,
    `(module ${IMPORTS} ${working(shape)})`,
  ];
}

const lift = (instance: string): string =>
  `(func (export "op") (param "k" u32) (param "a" u32) (param "b" u32) (param "c" u32) (result u64)
    (canon lift (core func ${instance} "op")))`;

export function componentOf(shape: Shape): string {
  const [first = '', second] = modulesOf(shape).map((text) => text.replace('(module', ''));
  return second === undefined
    ? `(component (core module $a ${first} (core instance $a (instantiate $a)) ${lift('$a')})`
    : `(component (core module $a ${first} (core module $b ${second}
        (core instance $a (instantiate $a)) (core instance $b (instantiate $b (with "a" (instance $a)))) ${lift('$b')})`;
}
