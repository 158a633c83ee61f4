// Whatever runs without end comes by a check, and checks change nothing else.
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { rewritten, RewrittenInstance } from './testing/engine.ts';

const CHECKED = { timeChecks: true };

describe('code without end', () => {
  it.each([
    ['a loop', '(loop $l (br $l))'],
    ['a loop that takes and leaves values', 'i32.const 1 (loop $l (param i32) (result i32) br $l) drop'],
    [
      'a small loop',
      '(local $i i32) (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.const 1)))',
    ],
    ['a loop within a loop', '(loop $l (loop $m (br_if $m (i32.const 0))) (br $l))'],
    ['a loop that ends by br_table', '(loop $l (br_table $l $l (i32.const 0)))'],
    ['a loop within try_table', '(try_table (loop $l (br $l)))'],
  ])('is interrupted: %s', async (_, body) => {
    const instance = await rewritten(`(module (func (export "run") ${body}))`, {}, CHECKED);
    instance.flag[0] = 1;
    expect(() => instance.call('run')).toThrow('interrupted');
  });

  it.each([
    [
      'a function that calls itself',
      '(func $f (export "run") (param i32) (call $f (local.get 0)) (call $f (local.get 0)))',
    ],
    [
      'functions that call each other',
      `(func $f (export "run") (param i32) (call $g (local.get 0)) (call $g (local.get 0)))
       (func $g (param i32) (call $f (local.get 0)) (call $f (local.get 0)))`,
    ],
    ['a tail call', '(func $f (export "run") (param i32) (return_call $f (local.get 0)))'],
    [
      'calls through a table',
      `(type $t (func (param i32))) (table funcref (elem $g))
       (func $f (export "run") (param i32) (call_indirect (type $t) (local.get 0) (i32.const 0)))
       (func $g (param i32) (call $f (local.get 0)))`,
    ],
    [
      'tail calls through a reference',
      `(type $t (func (param i32))) (elem declare func $f)
       (func $f (export "run") (type $t) (return_call_ref $t (local.get 0) (ref.func $f)))`,
    ],
  ])('is interrupted: %s', async (_, functions) => {
    const instance = await rewritten(`(module ${functions})`, {}, CHECKED);
    instance.flag[0] = 1;
    expect(() => instance.call('run', 1)).toThrow('interrupted');
  });

  it('is interrupted that goes through an import and back', async () => {
    let back: () => unknown;
    const instance = await rewritten(
      '(module (import "a" "f" (func $f)) (func (export "run") call $f) (func (export "back") call $f))',
      { a: { f: () => back() } },
      CHECKED,
    );
    back = () => instance.call('back');
    instance.flag[0] = 1;
    expect(() => instance.call('run')).toThrow('interrupted');
  });

  it('is interrupted where functions that each call the next one twice would take for ever', async () => {
    const doubling = Array.from({ length: 100 }, (_, n) => `(func $f${n + 1} call $f${n} call $f${n})`);
    const instance = await rewritten(
      `(module (func $f0 nop) ${doubling.join('\n')} (func (export "run") call $f100))`,
      {},
      CHECKED,
    );
    instance.flag[0] = 1;
    expect(() => instance.call('run')).toThrow('interrupted');
  });

  it.each([
    ['fill', 'i32.const 0 i32.const 0 i32.const 9 memory.fill'],
    ['copy', 'i32.const 0 i32.const 9 i32.const 9 memory.copy'],
    ['init', 'i32.const 0 i32.const 0 i32.const 1 memory.init $d'],
  ])('comes by a check at memory.%s, which may take long', async (_, body) => {
    const instance = await rewritten(`(module (memory 1) (data $d "x") (func (export "run") ${body}))`, {}, CHECKED);
    instance.call('run');
    instance.flag[0] = 1;
    expect(() => instance.call('run')).toThrow('interrupted');
  });

  it('is interrupted by another thread', async () => {
    const instance = await rewritten('(module (func (export "run") (loop $l (br $l))))', {}, CHECKED);
    const setter = new Worker(new URL('./testing/setter.ts', import.meta.url), { workerData: instance.flag });
    try {
      expect(() => instance.call('run')).toThrow('interrupted');
    } finally {
      await setter.terminate();
    }
  });
});

describe('an interrupt that was not for this guest', () => {
  const SUM = `(module (func (export "sum") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (block $exit (loop $l
      (br_if $exit (i32.eq (local.get $i) (local.get $n)))
      (local.set $sum (i32.add (local.get $sum) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.ne (local.get $sum) (i32.const 55)))))
    local.get $sum))`;

  it.each([
    [0, 0, 1],
    [1, 0, 1],
    [4, 6, 2],
    [5, 10, 2],
    [11, 55, 3],
    [1_000, 55, 3],
  ])('lets it go on: the sum below %i is %i, with %i checks of a small loop', async (n, sum, checks) => {
    const instance = await rewritten(SUM, {}, CHECKED);
    let asked = 0;
    instance.onInterrupt = () => {
      asked += 1;
    };
    instance.flag[0] = 1;
    expect(instance.call('sum', n)).toBe(sum);
    expect(asked).toBe(checks);
  });
});

describe('a small loop whose labels are longer than they need be', () => {
  // (loop (br_if 1 (i32.eqz (local.get 0))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0)))
  const START = [0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x45, 0x0d];
  const MIDDLE = [0x20, 0, 0x41, 1, 0x6b, 0x21, 0, 0x20, 0, 0x0d];
  const END = [0x0b, 0x0b, 0x20, 0, 0x0b];
  const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  /** A function of one number to another, exported as `f`. */
  const DECLARED = [1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0];

  it.each([
    ['as short as they can be', [1], [0]],
    ['a long label out of it', [0x81, 0], [0]],
    ['a long label to its head', [1], [0x80, 0]],
  ])('does the same: %s', (_, exit, again) => {
    const body = [0, ...START, ...exit, ...MIDDLE, ...again, ...END];
    const module = [...PREAMBLE, ...DECLARED, 10, body.length + 2, 1, body.length, ...body];
    const instance = new RewrittenInstance(Uint8Array.from(module), {}, CHECKED);
    expect([0, 1, 2, 5, 9].map((n) => instance.call('f', n))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('functions that end by themselves', () => {
  it('do not check', async () => {
    const instance = await rewritten(
      `(module (table funcref (elem $leaf)) (func $leaf (export "leaf") nop) (func (export "run") call $leaf call $leaf))`,
      {},
      CHECKED,
    );
    instance.flag[0] = 1;
    expect([instance.call('run'), instance.call('leaf')]).toEqual([undefined, undefined]);
  });

  it('have the interrupt imported all the same', async () => {
    const { exports } = await rewritten('(module (memory (export "m") 1))', {}, CHECKED);
    expect(Object.keys(exports)).toContain('m');
  });
});
