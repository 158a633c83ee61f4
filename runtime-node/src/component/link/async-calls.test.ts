// Calls that are called off, calls between component instances, and instances that serve one guest after the other.
import { describe, expect, it } from 'vitest';
import { cancellable, StreamReader } from '../index.ts';
import { chooseResetter } from '../reset/index.ts';
import { instantiateWat, linkWat } from './testing/wat.ts';

/** `run` begins `slow`, calls it off, and gives what `subtask.cancel` says. */
const CALLS_OFF = `(component
  (import "test:host/x" (instance $x (export "slow" (func async (result u32)))))
  (core module $mem (memory (export "memory") 1))
  (core instance $mem (instantiate $mem))
  (alias core export $mem "memory" (core memory $memory))
  (core func $slow (canon lower (func $x "slow") async (memory $memory)))
  (core func $cancel (canon subtask.cancel))
  (core func $drop (canon subtask.drop))
  (core func $return (canon task.return (result u32)))
  (core module $m
    (import "h" "slow" (func $slow (param i32) (result i32)))
    (import "h" "cancel" (func $cancel (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (import "h" "return" (func $return (param i32)))
    (func (export "run") (result i32) (local $task i32)
      (local.set $task (i32.shr_u (call $slow (i32.const 16)) (i32.const 4)))
      (call $return (call $cancel (local.get $task)))
      (call $drop (local.get $task))
      (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m (with "h" (instance (export "slow" (func $slow)) (export "cancel" (func $cancel))
    (export "drop" (func $drop)) (export "return" (func $return))))))
  (func (export "run") async (result u32) (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

const CANCELLED = 4;

/** A component within another: \`inner\` answers after it has been called back, or says that it was cancelled. */
const nested = (outer: string): string => `(component
  (component $inner
    (core func $return (canon task.return (result u32)))
    (core func $cancel (canon task.cancel))
    (core func $set-new (canon waitable-set.new))
    (core module $m
      (import "h" "return" (func $return (param i32)))
      (import "h" "cancel" (func $cancel))
      (import "h" "set-new" (func $set-new (result i32)))
      (global $n (mut i32) (i32.const 0))
      (func (export "run") (param $n i32) (result i32)
        (global.set $n (local.get $n))
        (if (result i32) (i32.eqz (local.get $n))
          (then (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))
          (else (i32.const 1))))
      (func (export "callback") (param $event i32) (param i32 i32) (result i32)
        (if (i32.eq (local.get $event) (i32.const 6))
          (then (call $cancel))
          (else (call $return (i32.mul (global.get $n) (i32.const 2)))))
        (i32.const 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "return" (func $return))
      (export "cancel" (func $cancel)) (export "set-new" (func $set-new))))))
    (func (export "double") async (param "n" u32) (result u32)
      (canon lift (core func $i "run") async (callback (core func $i "callback")))))
  (instance $in (instantiate $inner))
  (core module $mem (memory (export "memory") 1))
  (core instance $mem (instantiate $mem))
  (alias core export $mem "memory" (core memory $memory))
  (core func $double (canon lower (func $in "double") async (memory $memory)))
  (core func $double-sync (canon lower (func $in "double")))
  (core func $return (canon task.return (result u32)))
  (core func $set-new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $drop (canon subtask.drop))
  (core func $cancel (canon subtask.cancel))
  (core module $m
    (import "h" "memory" (memory 1))
    (import "h" "double" (func $double (param i32 i32) (result i32)))
    (import "h" "double-sync" (func $double-sync (param i32) (result i32)))
    (import "h" "return" (func $return (param i32)))
    (import "h" "set-new" (func $set-new (result i32)))
    (import "h" "join" (func $join (param i32 i32)))
    (import "h" "drop" (func $drop (param i32)))
    (import "h" "cancel" (func $cancel (param i32) (result i32)))
    (global $left (mut i32) (i32.const 0))
    (global $set (mut i32) (i32.const 0))
    (global $sum (mut i32) (i32.const 0))
    (func $begin (param $n i32)
      (call $join (i32.shr_u (call $double (local.get $n) (i32.add (i32.const 16) (i32.mul (local.get $n) (i32.const 4))))
        (i32.const 4)) (global.get $set)))
    ${outer})
  (core instance $i (instantiate $m (with "h" (instance (export "memory" (memory $memory))
    (export "double" (func $double)) (export "double-sync" (func $double-sync)) (export "return" (func $return))
    (export "set-new" (func $set-new)) (export "join" (func $join)) (export "drop" (func $drop))
    (export "cancel" (func $cancel))))))
  (func (export "run") async (result u32) (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

async function run(text: string): Promise<unknown> {
  const guest = await instantiateWat(text, {}, 'suspending');
  const result = await guest.call('', 'run', []);
  await guest.finished();
  guest.release();
  return result;
}

const NO_CALLBACK = '(func (export "callback") (param i32 i32 i32) (result i32) unreachable)';

describe('a call that is called off', () => {
  it('ends the work of the host, and nobody looks at what comes of it', async () => {
    let ended = 0;
    let answer: ((n: number) => void) | undefined;
    const slow = (): Promise<number> =>
      cancellable(new Promise((resolve) => (answer = resolve)), () => {
        ended += 1;
      });
    const guest = await instantiateWat(CALLS_OFF, { 'test:host/x': { waiting: { slow } } }, 'suspending');
    expect(await guest.call('', 'run', [])).toBe(CANCELLED);
    await guest.finished();
    answer?.(7);
    guest.release();
    expect(ended).toBe(1);
  });

  it('asks a guest to end, which says that it has', async () => {
    const text = nested(`
      (func (export "run") (result i32) (local $task i32)
        (local.set $task (i32.shr_u (call $double (i32.const 0) (i32.const 16)) (i32.const 4)))
        (call $return (call $cancel (local.get $task)))
        (call $drop (local.get $task))
        (i32.const 0))
      ${NO_CALLBACK}`);
    expect(await run(text)).toBe(CANCELLED);
  });
});

describe('a call of another component instance', () => {
  it('waits for its result where it is not asynchronous', async () => {
    expect(
      await run(
        nested(`
        (func (export "run") (result i32) (call $return (call $double-sync (i32.const 21))) (i32.const 0))
        ${NO_CALLBACK}`),
      ),
    ).toBe(42);
  });

  it('goes on beside others where it is', async () => {
    // 1 to 10 at once: the instance takes them one at a time, and each waits in between.
    const text = nested(`
      (func (export "run") (result i32)
        (global.set $set (call $set-new))
        (global.set $left (i32.const 10))
        (call $begin (i32.const 1)) (call $begin (i32.const 2)) (call $begin (i32.const 3)) (call $begin (i32.const 4))
        (call $begin (i32.const 5)) (call $begin (i32.const 6)) (call $begin (i32.const 7)) (call $begin (i32.const 8))
        (call $begin (i32.const 9)) (call $begin (i32.const 10))
        (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
      (func (export "callback") (param $event i32) (param $task i32) (param $state i32) (result i32)
        (if (i32.ne (local.get $state) (i32.const 2)) (then unreachable))
        (call $drop (local.get $task))
        (global.set $left (i32.sub (global.get $left) (i32.const 1)))
        (if (global.get $left) (then (return (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))))
        (call $return (i32.load (i32.const 56)))
        (i32.const 0))`);
    // The last that was asked for is in the last place; all have the one global, which the tenth call has set.
    expect(await run(text)).toBe(20);
  });
});

/** `run(s)` reads once of a stream that it then keeps, with a set and the writing end of another: it drops nothing. */
const LEAVES_ALL = `(component
  (core module $mem (memory (export "memory") 1))
  (core instance $mem (instantiate $mem))
  (alias core export $mem "memory" (core memory $memory))
  (type $s (stream u8))
  (core func $return (canon task.return (result u32)))
  (core func $new (canon stream.new $s))
  (core func $read (canon stream.read $s async (memory $memory)))
  (core func $set-new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core module $m
    (import "h" "return" (func $return (param i32)))
    (import "h" "new" (func $new (result i64)))
    (import "h" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "h" "set-new" (func $set-new (result i32)))
    (import "h" "join" (func $join (param i32 i32)))
    (func (export "run") (param $in i32) (result i32)
      (drop (call $read (local.get $in) (i32.const 0) (i32.const 4)))
      (call $join (local.get $in) (call $set-new))
      (call $return (i32.wrap_i64 (call $new)))
      (i32.const 0))
    ${NO_CALLBACK})
  (core instance $i (instantiate $m (with "h" (instance (export "return" (func $return)) (export "new" (func $new))
    (export "read" (func $read)) (export "set-new" (func $set-new)) (export "join" (func $join))))))
  (func (export "run") async (param "s" (stream u8)) (result u32)
    (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

describe('an instance whose guest has dropped nothing', () => {
  it('is put back with empty tables, and what it had is closed', async () => {
    const linked = await linkWat(LEAVES_ALL, {}, { resetter: chooseResetter('copy') });
    let closed = 0;
    const handles: unknown[] = [];
    for (let i = 0; i < 20; i++) {
      const guest = linked.instantiate({}, 'suspending');
      const stuck = StreamReader.from<Uint8Array>({
        read: () => new Promise(() => {}),
        close: () => {
          closed += 1;
        },
      });
      handles.push(await guest.call('', 'run', [stuck]));
      await guest.finished();
      guest.release();
    }
    // The same numbers each time: nothing was left in the table.
    expect(new Set(handles).size).toBe(1);
    expect(closed).toBe(20);
    expect(linked.instances).toMatchObject({ resets: 20, failed: 0, notReset: 0, free: 1 });
    linked.close();
  });
});
