// Random programs of two functions over one memory, some globals and a table. They end by themselves: every loop counts
// its own local up to a small number, and calls only go to the function before.
import * as fc from 'fast-check';

const LOCALS = 4;
/** Counters of loops, each used by one loop at a time: as many as statements nest. */
const DEPTH = 3;

const local = fc.nat(LOCALS - 1).map((index) => `$l${index}`);
const global = fc.constantFrom('$a', '$b', '$imported');
/** Small numbers, sizes around the end of a page or two, and those that wrap. */
const constant = fc.oneof(
  fc.integer({ min: -3, max: 20 }),
  fc.integer({ min: 65_530, max: 65_540 }),
  fc.integer({ min: 131_066, max: 131_076 }),
  fc.constantFrom(-65_536, 0x7fff_ffff, -0x8000_0000),
);

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    constant.map((value) => `(i32.const ${value})`),
    local.map((name) => `(local.get ${name})`),
    global.map((name) => `(global.get ${name})`),
    fc.constant('(memory.size)'),
    fc
      .tuple(fc.constantFrom('add', 'sub', 'mul', 'and', 'xor', 'lt_u', 'shr_u'), tie('expression'), tie('expression'))
      .map(([op, left, right]) => `(i32.${op} ${left} ${right})`),
    fc
      .tuple(fc.constantFrom('i32.load', 'i32.load8_u', 'i32.load16_s offset=7'), tie('expression'))
      .map(([op, at]) => `(${op} (i32.and ${at} (i32.const 0xfff0)))`),
    tie('expression').map((delta) => `(memory.grow (i32.and ${delta} (i32.const 1)))`),
  ),
}));

/** Mostly within the first page, so that most programs get to their end. */
const address = fc.oneof(
  { weight: 30, arbitrary: expression.map((value) => `(i32.and ${value} (i32.const 0xfff8))`) },
  { weight: 1, arbitrary: expression },
);
const length = fc.oneof(
  { weight: 30, arbitrary: expression.map((value) => `(i32.and ${value} (i32.const 7))`) },
  { weight: 1, arbitrary: expression },
);

const simple = fc.oneof(
  fc.tuple(local, expression).map(([name, value]) => `(local.set ${name} ${value})`),
  fc.tuple(fc.constantFrom('$a', '$b'), expression).map(([name, value]) => `(global.set ${name} ${value})`),
  fc
    .tuple(fc.constantFrom('i32.store', 'i32.store8', 'i32.store offset=4'), address, expression)
    .map(([op, at, value]) => `(${op} ${at} ${value})`),
  fc
    .tuple(fc.constantFrom('memory.fill', 'memory.copy'), address, address, length)
    .map(([op, ...operands]) => `(${op} ${operands.join(' ')})`),
  fc.tuple(address, length).map(([at, size]) => `(memory.init $d ${at} (i32.const 0) ${size})`),
  expression.map((delta) => `(drop (memory.grow ${delta}))`),
  expression.map((value) => `(call $log ${value})`),
);

/** After a loop its number of turns goes to the log: most of what loops do leaves no other trace. */
function statement(depth: number): fc.Arbitrary<string> {
  if (depth === DEPTH) {
    return simple;
  }
  const block = fc.array(statement(depth + 1), { maxLength: 3 }).map((list) => list.join(' '));
  const count = `(local.tee $c${depth} (i32.add (local.get $c${depth}) (i32.const 1)))`;
  const turned = `(call $log (local.get $c${depth}))`;
  const again = fc.integer({ min: 1, max: 9 }).map((turns) => `(i32.lt_u ${count} (i32.const ${turns}))`);
  const reached = fc.nat(6).map((turn) => `(i32.eq ${count} (i32.const ${turn}))`);
  return fc.oneof(
    { weight: 3, arbitrary: simple },
    fc
      .tuple(block, again)
      .map(
        ([body, condition]) =>
          `(local.set $c${depth} (i32.const 0)) (loop $m${depth} ${body} (br_if $m${depth} ${condition})) ${turned}`,
      ),
    fc.tuple(block, reached, block, again, fc.option(reached)).map(
      ([before, exit, after, condition, early]) =>
        `(local.set $c${depth} (i32.const 0)) (block $x${depth} (loop $m${depth} ${before} (br_if $x${depth} ${exit})
            ${early === null ? '' : `(br_if $m${depth} ${early})`}
            (block $n${depth} (br_if $n${depth} (local.get $l0)) ${after}) (br_if $m${depth} ${condition}))) ${turned}`,
    ),
    fc.tuple(block, again).map(
      ([body, condition]) =>
        `(local.set $c${depth} (i32.const 0))
          (loop $m${depth} (if ${condition} (then ${body} (br $m${depth})))) ${turned}`,
    ),
    fc.tuple(block, reached, block).map(
      ([before, exit, after]) =>
        `(local.set $c${depth} (i32.const 0)) (block $x${depth} (loop $m${depth} ${before}
            (br_if $x${depth} (i32.lt_u (i32.const 20) (local.get $c${depth}))) (br_if $x${depth} ${exit})
            ${after} (br $m${depth}))) ${turned}`,
    ),
    fc.tuple(expression, block, block).map(([test, then, other]) => `(if ${test} (then ${then}) (else ${other}))`),
  );
}

const func = fc.array(statement(0), { minLength: 1, maxLength: 5 }).map((list) => list.join('\n'));
const locals = `${Array.from({ length: LOCALS }, (_, index) => `(local $l${index} i32)`).join(' ')}
  ${Array.from({ length: DEPTH }, (_, index) => `(local $c${index} i32)`).join(' ')}`;

/** In the text format; exports `memory` of 1 to 3 pages, globals `a` and `b`, and `run`, which answers a number. */
export const program = fc.tuple(func, func, expression).map(
  ([first, second, result]) => `(module
    (import "host" "log" (func $log (param i32)))
    (import "host" "g" (global $imported i32))
    (type $t (func (param i32) (result i32)))
    (memory (export "memory") 1 3)
    (table funcref (elem $first))
    (global $a (export "a") (mut i32) (i32.const 7))
    (global $b (export "b") (mut i32) (global.get $imported))
    (data (i32.const 1) "active")
    (data $d "passive")
    (func $first (type $t) (local $l0 i32) ${locals.replace('(local $l0 i32)', '')} ${first} (local.get $l0))
    (func (export "run") (result i32) ${locals} ${second}
      (local.set $l1 (call $first (local.get $l1)))
      (local.set $l2 (call_indirect (type $t) (local.get $l1) (i32.const 0)))
      ${result}))`,
);
