// Asynchronous components: tasks with callbacks, subtasks, streams and futures between guest and host.
import { describe, expect, it } from 'vitest';
import type { ComponentInstance } from '../api.ts';
import { FutureReader, StreamReader } from '../index.ts';
import { instantiateWat, linkWat, type HostSketches } from './testing/wat.ts';

/** Core functions that all guests below need; `$memory` has one page. */
const BASE = `
  (core module $mem (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $mem (instantiate $mem))
  (alias core export $mem "memory" (core memory $memory))
  (alias core export $mem "realloc" (core func $realloc))`;

/** `run(n)` calls the host's `slow(n)` as a subtask and gives what it answers. */
const CALLER = `(component
  (import "test:host/x" (instance $x (export "slow" (func async (param "n" u32) (result u32)))))
  ${BASE}
  (core func $slow (canon lower (func $x "slow") async (memory $memory)))
  (core func $return (canon task.return (result u32)))
  (core func $set-new (canon waitable-set.new))
  (core func $set-drop (canon waitable-set.drop))
  (core func $join (canon waitable.join))
  (core func $drop (canon subtask.drop))
  (core module $m
    (import "h" "memory" (memory 1))
    (import "h" "slow" (func $slow (param i32 i32) (result i32)))
    (import "h" "return" (func $return (param i32)))
    (import "h" "set-new" (func $set-new (result i32)))
    (import "h" "set-drop" (func $set-drop (param i32)))
    (import "h" "join" (func $join (param i32 i32)))
    (import "h" "drop" (func $drop (param i32)))
    (global $set (mut i32) (i32.const 0))
    (func (export "run") (param $n i32) (result i32) (local $r i32)
      (local.set $r (call $slow (local.get $n) (i32.const 16)))
      (if (i32.eq (i32.and (local.get $r) (i32.const 15)) (i32.const 2))
        (then (call $return (i32.load (i32.const 16))) (return (i32.const 0))))
      (global.set $set (call $set-new))
      (call $join (i32.shr_u (local.get $r) (i32.const 4)) (global.get $set))
      (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
    (func (export "callback") (param $event i32) (param $handle i32) (param $state i32) (result i32)
      (if (i32.or (i32.ne (local.get $event) (i32.const 1)) (i32.ne (local.get $state) (i32.const 2))) (then unreachable))
      (call $drop (local.get $handle))
      (call $set-drop (global.get $set))
      (call $return (i32.load (i32.const 16)))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "h" (instance
    (export "memory" (memory $memory)) (export "slow" (func $slow)) (export "return" (func $return))
    (export "set-new" (func $set-new)) (export "set-drop" (func $set-drop)) (export "join" (func $join))
    (export "drop" (func $drop))))))
  (func (export "run") async (param "n" u32) (result u32)
    (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

async function run(guest: ComponentInstance, ...args: unknown[]): Promise<unknown> {
  const result = await guest.call('', 'run', args);
  await guest.finished();
  guest.release();
  return result;
}

const slow = (answer: (n: number) => unknown): HostSketches => ({ 'test:host/x': { waiting: { slow: answer } } });

describe('an asynchronous export', () => {
  it('gets an answer of the host that is there at once', async () => {
    const guest = await instantiateWat(
      CALLER,
      slow((n) => n + 1),
      'suspending',
    );
    expect(await run(guest, 4)).toBe(5);
  });

  it('waits for one that is not, without a stack', async () => {
    const guest = await instantiateWat(
      CALLER,
      slow(async (n) => n * 2),
      'suspending',
    );
    expect(await run(guest, 21)).toBe(42);
  });

  it('fails when the host does', async () => {
    const guest = await instantiateWat(
      CALLER,
      slow(async () => {
        throw new Error('broken');
      }),
      'suspending',
    );
    await expect(guest.call('', 'run', [1])).rejects.toThrow('broken');
    await expect(guest.finished()).rejects.toThrow('broken');
    guest.release();
  });

  it('can be aborted while it waits', async () => {
    const guest = await instantiateWat(
      CALLER,
      slow(() => new Promise(() => {})),
      'suspending',
    );
    const result = guest.call('', 'run', [1]);
    guest.abort(new Error('too late'));
    await expect(result).rejects.toThrow('too late');
    guest.release();
  });

  it('ends in a call that cannot be suspended', async () => {
    const guest = await instantiateWat(
      CALLER,
      slow((n) => n),
      'trial',
    );
    expect(() => guest.call('', 'run', [1])).toThrow('needs a call that can be suspended');
  });

  it('is put back for the next guest, whatever the last one waited for', async () => {
    const linked = await linkWat(
      CALLER,
      slow(async (n) => n),
    );
    for (const n of [1, 2, 3]) {
      expect(await run(linked.instantiate({}, 'suspending'), n)).toBe(n);
    }
  });
});

/** An async function of no parameters whose core is `body`; `$wait` etc. are there to be called. */
const taskOf = (body: string, callback = '(i32.const 0)', extra = ''): string => `(component
  (core func $return (canon task.return (result u32)))
  (core func $cancel (canon task.cancel))
  (core func $set-new (canon waitable-set.new))
  (core func $drop (canon subtask.drop))
  (core func $inc (canon backpressure.inc))
  (core func $dec (canon backpressure.dec))
  (core func $get (canon context.get i32 0))
  (core func $set (canon context.set i32 0))
  (core func $yield (canon thread.yield))
  (type $s (stream u8))
  (core func $stream-new (canon stream.new $s))
  (core func $drop-readable (canon stream.drop-readable $s))
  (core func $drop-writable (canon stream.drop-writable $s))
  (core func $cancel-read (canon stream.cancel-read $s))
  (type $f (future u32))
  (core func $future-new (canon future.new $f))
  (core func $future-drop (canon future.drop-writable $f))
  (core func $set-drop (canon waitable-set.drop))
  ${extra}
  (core module $m
    (import "h" "return" (func $return (param i32)))
    (import "h" "cancel" (func $cancel))
    (import "h" "set-new" (func $set-new (result i32)))
    (import "h" "set-drop" (func $set-drop (param i32)))
    (import "h" "drop" (func $drop (param i32)))
    (import "h" "inc" (func $inc))
    (import "h" "dec" (func $dec))
    (import "h" "get" (func $get (result i32)))
    (import "h" "set" (func $set (param i32)))
    (import "h" "yield" (func $yield (result i32)))
    (import "h" "stream-new" (func $stream-new (result i64)))
    (import "h" "drop-readable" (func $drop-readable (param i32)))
    (import "h" "drop-writable" (func $drop-writable (param i32)))
    (import "h" "cancel-read" (func $cancel-read (param i32) (result i32)))
    (import "h" "future-new" (func $future-new (result i64)))
    (import "h" "future-drop" (func $future-drop (param i32)))
    (global $n (mut i32) (i32.const 0))
    (func (export "run") (result i32) ${body})
    (func (export "callback") (param $event i32) (param $handle i32) (param $payload i32) (result i32) ${callback}))
  (core instance $i (instantiate $m (with "h" (instance
    (export "return" (func $return)) (export "cancel" (func $cancel)) (export "set-new" (func $set-new))
    (export "set-drop" (func $set-drop))
    (export "drop" (func $drop)) (export "inc" (func $inc)) (export "dec" (func $dec)) (export "get" (func $get))
    (export "set" (func $set)) (export "yield" (func $yield)) (export "stream-new" (func $stream-new))
    (export "drop-readable" (func $drop-readable)) (export "drop-writable" (func $drop-writable))
    (export "cancel-read" (func $cancel-read)) (export "future-new" (func $future-new))
    (export "future-drop" (func $future-drop))))))
  (func (export "run") async (result u32)
    (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

describe('a task', () => {
  it('yields as often as it likes, keeps its context, and the thread serves others meanwhile', async () => {
    const guest = await instantiateWat(
      taskOf(
        '(call $set (i32.const 7)) (i32.const 1)',
        `(global.set $n (i32.add (global.get $n) (i32.const 1)))
         (if (result i32) (i32.lt_u (global.get $n) (i32.const 100))
           (then (i32.const 1))
           (else (call $return (i32.add (global.get $n) (call $get))) (i32.const 0)))`,
      ),
      {},
      'suspending',
    );
    let others = 0;
    const interval = setInterval(() => {
      others += 1;
    }, 0);
    expect(await run(guest)).toBe(107);
    clearInterval(interval);
    expect(others).toBeGreaterThan(0);
  });

  it('of a component that only waits for itself is known to wait', async () => {
    expect((await linkWat(taskOf('(i32.const 0)'))).neverWaits).toBe(false);
    expect((await linkWat('(component (core func $w (canon thread.yield)))')).neverWaits).toBe(false);
  });

  it('yields on its own stack too', async () => {
    const guest = await instantiateWat(taskOf('(call $return (call $yield)) (i32.const 0)'), {}, 'suspending');
    expect(await run(guest)).toBe(0);
  });

  it.each([
    ['ends without a result', '(i32.const 0)', 'failed to produce a result'],
    ['says that it is cancelled when nobody asked', '(call $cancel) (i32.const 0)', 'has not been cancelled'],
    ['waits for a set that is not there', '(i32.const 0x52)', 'unknown handle index 5'],
    ['answers with a code that is none', '(i32.const 7)', 'unsupported callback code 7'],
    ['drops a subtask that is none', '(call $drop (call $set-new)) (i32.const 0)', 'used with the wrong type'],
    [
      'waits for a stream',
      '(i32.or (i32.const 2) (i32.shl (i32.wrap_i64 (call $stream-new)) (i32.const 4)))',
      'used with the wrong type',
    ],
    [
      'drops a stream twice',
      '(local $s i32) (local.set $s (i32.wrap_i64 (call $stream-new))) (call $drop-readable (local.get $s)) (call $drop-readable (local.get $s)) (i32.const 0)',
      'unknown handle index 1',
    ],
    [
      'drops the wrong end',
      '(call $drop-writable (i32.wrap_i64 (call $stream-new))) (i32.const 0)',
      'used with the wrong type',
    ],
    [
      'calls off a read that is not under way',
      '(drop (call $cancel-read (i32.wrap_i64 (call $stream-new)))) (i32.const 0)',
      'when none is pending',
    ],
    [
      'drops a future that it has not written',
      '(call $future-drop (i32.wrap_i64 (i64.shr_u (call $future-new) (i64.const 32)))) (i32.const 0)',
      'without first writing a value',
    ],
    ['takes back pressure that it did not make', '(call $dec) (i32.const 0)', 'backpressure counter overflow'],
    ['makes streams without end', '(loop (drop (call $stream-new)) (br 0)) (i32.const 0)', 'handles'],
  ])('that %s fails', async (_, body, message) => {
    const guest = await instantiateWat(taskOf(body), {}, 'suspending');
    await expect(guest.call('', 'run', [])).rejects.toThrow(message);
    await expect(guest.finished()).rejects.toThrow(message);
    guest.release();
  });

  it.each([
    ['traps', '(call $return (i32.const 3)) (i32.const 1)', 'unreachable'],
    ['gives another', '(call $return (i32.const 3)) (call $return (i32.const 4)) (i32.const 0)', 'more than once'],
  ])('that %s after its result has given it, and fails', async (_, body, message) => {
    const guest = await instantiateWat(taskOf(body, 'unreachable'), {}, 'suspending');
    expect(await guest.call('', 'run', [])).toBe(3);
    await expect(guest.finished()).rejects.toThrow(message);
    guest.release();
  });
});

/** `run(s)` gives the stream back that it got. */
const PASSES = `(component
  (core func $return (canon task.return (result (stream u8))))
  (type $f (future string))
  (core module $m
    (import "h" "return" (func $return (param i32)))
    (func (export "run") (param i32) (result i32) (call $return (local.get 0)) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (unreachable)))
  (core instance $i (instantiate $m (with "h" (instance (export "return" (func $return))))))
  (func (export "run") async (param "s" (stream u8)) (result (stream u8))
    (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

/** `run(s)` gives a stream of what `s` has, each byte with 1 added, read and written four bytes at a time. */
const ADDS = `(component
  ${BASE}
  (type $s (stream u8))
  (core func $return (canon task.return (result (stream u8))))
  (core func $new (canon stream.new $s))
  (core func $read (canon stream.read $s async (memory $memory)))
  (core func $write (canon stream.write $s async (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $s))
  (core func $drop-writable (canon stream.drop-writable $s))
  (core func $set-new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core module $m
    (import "h" "memory" (memory 1))
    (import "h" "return" (func $return (param i32)))
    (import "h" "new" (func $new (result i64)))
    (import "h" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "h" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "h" "drop-readable" (func $drop-readable (param i32)))
    (import "h" "drop-writable" (func $drop-writable (param i32)))
    (import "h" "set-new" (func $set-new (result i32)))
    (import "h" "join" (func $join (param i32 i32)))
    (global $in (mut i32) (i32.const 0))
    (global $out (mut i32) (i32.const 0))
    (global $set (mut i32) (i32.const 0))
    (global $from (mut i32) (i32.const 0))
    (global $to (mut i32) (i32.const 0))
    (func $wait (result i32) (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
    (func $end (result i32)
      (call $join (global.get $in) (i32.const 0)) (call $join (global.get $out) (i32.const 0))
      (call $drop-readable (global.get $in)) (call $drop-writable (global.get $out)) (i32.const 0))
    (func $again (result i32) (local $r i32)
      (local.set $r (call $read (global.get $in) (i32.const 16) (i32.const 4)))
      (if (result i32) (i32.eq (local.get $r) (i32.const -1)) (then (call $wait)) (else (call $got (local.get $r)))))
    (func $got (param $r i32) (result i32) (local $i i32)
      (global.set $from (i32.const 0))
      (global.set $to (i32.shr_u (local.get $r) (i32.const 4)))
      (if (i32.eqz (global.get $to)) (then (return (call $end))))
      (loop $next
        (i32.store8 (i32.add (i32.const 16) (local.get $i))
          (i32.add (i32.const 1) (i32.load8_u (i32.add (i32.const 16) (local.get $i)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (global.get $to))))
      (call $put))
    (func $put (result i32) (local $r i32)
      (local.set $r (call $write (global.get $out) (i32.add (i32.const 16) (global.get $from))
        (i32.sub (global.get $to) (global.get $from))))
      (if (result i32) (i32.eq (local.get $r) (i32.const -1)) (then (call $wait)) (else (call $wrote (local.get $r)))))
    (func $wrote (param $r i32) (result i32)
      (if (i32.eq (i32.and (local.get $r) (i32.const 15)) (i32.const 1)) (then (return (call $end))))
      (global.set $from (i32.add (global.get $from) (i32.shr_u (local.get $r) (i32.const 4))))
      (if (result i32) (i32.lt_u (global.get $from) (global.get $to)) (then (call $put)) (else (call $again))))
    (func (export "run") (param $in i32) (result i32) (local $pair i64)
      (global.set $in (local.get $in))
      (local.set $pair (call $new))
      (global.set $out (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (global.set $set (call $set-new))
      (call $join (global.get $in) (global.get $set))
      (call $join (global.get $out) (global.get $set))
      (call $return (i32.wrap_i64 (local.get $pair)))
      (call $again))
    (func (export "callback") (param $event i32) (param $handle i32) (param $payload i32) (result i32)
      (if (result i32) (i32.eq (local.get $event) (i32.const 2))
        (then (call $got (local.get $payload))) (else (call $wrote (local.get $payload))))))
  (core instance $i (instantiate $m (with "h" (instance
    (export "memory" (memory $memory)) (export "return" (func $return)) (export "new" (func $new))
    (export "read" (func $read)) (export "write" (func $write)) (export "drop-readable" (func $drop-readable))
    (export "drop-writable" (func $drop-writable)) (export "set-new" (func $set-new)) (export "join" (func $join))))))
  (func (export "run") async (param "s" (stream u8)) (result (stream u8))
    (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

/** Chunks, at once or only later. */
function source(chunks: readonly string[], later: boolean, closed?: () => void): StreamReader {
  const left = chunks.map((chunk) => Buffer.from(chunk));
  return StreamReader.from({
    read: () => (later ? new Promise((resolve) => setImmediate(() => resolve(left.shift()))) : left.shift()),
    ...(closed === undefined ? {} : { close: closed }),
  });
}

async function textOf(stream: StreamReader, most: number): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = await stream.read(most);
    if (chunk === undefined) {
      return text;
    }
    expect(chunk.length).toBeLessThanOrEqual(most);
    text += Buffer.from(chunk).toString('latin1');
  }
}

describe('a stream of bytes', () => {
  it.each([
    ['at once', false, 100],
    ['later', true, 100],
    ['later, a byte at a time', true, 1],
    ['at once, three bytes at a time', false, 3],
  ])('goes through the guest, %s', async (_, later, most) => {
    const guest = await instantiateWat(ADDS, {}, 'suspending');
    const out = (await guest.call('', 'run', [source(['HAL', 'VMS is', ' here'], later)])) as StreamReader;
    expect(await textOf(out, most)).toBe('IBMWNT!jt!ifsf');
    await guest.finished();
    guest.release();
  });

  it('that the guest passes on does not go through it', async () => {
    const guest = await instantiateWat(PASSES, {}, 'suspending');
    const out = (await run(guest, source(['ab', 'cd'], true))) as StreamReader;
    expect(await textOf(out, 100)).toBe('abcd');
  });

  it('ends for the guest when the host reads no further', async () => {
    const guest = await instantiateWat(ADDS, {}, 'suspending');
    let closed = 0;
    const endless = source(
      Array.from({ length: 1000 }, () => 'abcd'),
      true,
      () => {
        closed += 1;
      },
    );
    const out = (await guest.call('', 'run', [endless])) as StreamReader;
    expect(Buffer.from((await out.read(4)) ?? []).toString()).toBe('bcde');
    out[Symbol.dispose]();
    await guest.finished();
    guest.release();
    expect(closed).toBe(1);
  });

  it('is closed when the guest ends while it has it', async () => {
    const guest = await instantiateWat(ADDS, {}, 'suspending');
    let closed = 0;
    const stuck = StreamReader.from({
      read: () => new Promise<Uint8Array>(() => {}),
      close: () => {
        closed += 1;
      },
    });
    const out = (await guest.call('', 'run', [stuck])) as StreamReader;
    guest.abort(new Error('enough'));
    await expect(guest.finished()).rejects.toThrow('enough');
    guest.release();
    expect(closed).toBe(1);
    expect(await out.read(1)).toBeUndefined();
  });

  it('whose source fails ends the guest', async () => {
    const guest = await instantiateWat(ADDS, {}, 'suspending');
    const bad = StreamReader.from<Uint8Array>({ read: () => Promise.reject(new Error('no more of this')) });
    await guest.call('', 'run', [bad]);
    await expect(guest.finished()).rejects.toThrow('no more of this');
    guest.release();
  });
});

/** `run(f)` reads a future of a string and gives a future that has it too. */
const FORWARDS = `(component
  ${BASE}
  (type $f (future string))
  (core func $return (canon task.return (result (future string))))
  (core func $new (canon future.new $f))
  (core func $read (canon future.read $f async (memory $memory) (realloc $realloc)))
  (core func $write (canon future.write $f async (memory $memory)))
  (core func $set-new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $drop-readable (canon future.drop-readable $f))
  (core func $drop-writable (canon future.drop-writable $f))
  (core module $m
    (import "h" "memory" (memory 1))
    (import "h" "return" (func $return (param i32)))
    (import "h" "new" (func $new (result i64)))
    (import "h" "read" (func $read (param i32 i32) (result i32)))
    (import "h" "write" (func $write (param i32 i32) (result i32)))
    (import "h" "set-new" (func $set-new (result i32)))
    (import "h" "join" (func $join (param i32 i32)))
    (import "h" "drop-readable" (func $drop-readable (param i32)))
    (import "h" "drop-writable" (func $drop-writable (param i32)))
    (global $in (mut i32) (i32.const 0))
    (global $out (mut i32) (i32.const 0))
    (global $set (mut i32) (i32.const 0))
    (func $wait (result i32) (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
    (func $put (result i32)
      (call $join (global.get $in) (i32.const 0))
      (call $drop-readable (global.get $in))
      (if (result i32) (i32.eq (call $write (global.get $out) (i32.const 16)) (i32.const -1))
        (then (call $wait)) (else (call $end))))
    (func $end (result i32)
      (call $join (global.get $out) (i32.const 0)) (call $drop-writable (global.get $out)) (i32.const 0))
    (func (export "run") (param $in i32) (result i32) (local $pair i64)
      (global.set $in (local.get $in))
      (local.set $pair (call $new))
      (global.set $out (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (global.set $set (call $set-new))
      (call $join (global.get $in) (global.get $set))
      (call $join (global.get $out) (global.get $set))
      (call $return (i32.wrap_i64 (local.get $pair)))
      (if (result i32) (i32.eq (call $read (global.get $in) (i32.const 16)) (i32.const -1))
        (then (call $wait)) (else (call $put))))
    (func (export "callback") (param $event i32) (param $handle i32) (param $payload i32) (result i32)
      (if (result i32) (i32.eq (local.get $event) (i32.const 4))
        (then (call $put))
        (else (if (local.get $payload) (then unreachable)) (call $end)))))
  (core instance $i (instantiate $m (with "h" (instance
    (export "memory" (memory $memory)) (export "return" (func $return)) (export "new" (func $new))
    (export "read" (func $read)) (export "write" (func $write)) (export "set-new" (func $set-new))
    (export "join" (func $join)) (export "drop-readable" (func $drop-readable))
    (export "drop-writable" (func $drop-writable))))))
  (func (export "run") async (param "f" (future string)) (result (future string))
    (canon lift (core func $i "run") async (memory $memory) (realloc $realloc) (callback (core func $i "callback")))))`;

describe('a future', () => {
  it.each([
    ['is there', () => FutureReader.from('wörd')],
    ['comes later', () => FutureReader.from(new Promise((resolve) => setImmediate(() => resolve('wörd'))))],
    ['is made when it is read', () => FutureReader.from(() => 'wörd')],
  ])('goes through the guest when its value %s', async (_, make) => {
    const guest = await instantiateWat(FORWARDS, {}, 'suspending');
    const out = (await guest.call('', 'run', [make()])) as FutureReader<string>;
    expect(await out.read()).toBe('wörd');
    // Before the guest has heard that its value was taken.
    out[Symbol.dispose]();
    await guest.finished();
    guest.release();
  });

  it('without a value tells whoever reads it, when its guest has ended', async () => {
    const guest = await instantiateWat(FORWARDS, {}, 'suspending');
    const out = (await guest.call('', 'run', [FutureReader.from(new Promise(() => {}))])) as FutureReader<string>;
    const value = out.read();
    guest.abort(new Error('enough'));
    guest.release();
    await expect(value).rejects.toThrow('dropped without a value');
  });
});
