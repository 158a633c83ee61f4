import { describe, expect, it } from 'vitest';
import { Pollable } from '../io/streams.ts';
import { firstWake } from '../io/wake.ts';
import { callHost } from '../testing/call-host.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { systemClock } from './clock.ts';
import { monotonicClock, wallClock } from './host.ts';
import { wasiClocks } from './index.ts';

const MILLISECOND = 1_000_000n;
const DAY = 86_400_000n * MILLISECOND;

function setUp() {
  const clock = new FakeClock();
  const caller = fakeGuest();
  const call = callHost(monotonicClock(clock), caller.guest);
  const after = (duration: bigint): Pollable => call('subscribe-duration', duration);
  return { clock, caller, call, after };
}

describe('monotonic-clock', () => {
  it('tells the time and its resolution', () => {
    const { clock, call } = setUp();
    expect(call('now')).toBe(1_000_000_000n);
    clock.advance(5n);
    expect(call('now')).toBe(1_000_000_005n);
    expect(call('resolution')).toBe(1n);
  });

  it('is ready at once for no duration and for an instant that is past, without a timeout', () => {
    const { clock, call, after } = setUp();
    expect(after(0n).ready()).toBe(true);
    expect(call<Pollable>('subscribe-instant', 0n).ready()).toBe(true);
    expect(call<Pollable>('subscribe-instant', clock.monotonic()).ready()).toBe(true);
    expect(clock.running).toBe(0);
  });

  it('starts no timeout before somebody waits', () => {
    const { clock, after } = setUp();
    const pollable = after(MILLISECOND);
    expect(pollable.ready()).toBe(false);
    expect(clock.running).toBe(0);
  });

  it('wakes who waits when the time has come and not before', async () => {
    const { clock, after } = setUp();
    const pollable = after(3n * MILLISECOND);
    let woken = false;
    const done = firstWake([pollable.target]).then(() => (woken = true));
    clock.advance(2n * MILLISECOND);
    await Promise.resolve();
    expect(woken).toBe(false);
    clock.advance(MILLISECOND);
    await done;
    expect(pollable.ready()).toBe(true);
    expect(clock.running).toBe(0);
  });

  it('waits for a fraction of a millisecond rather than too short', async () => {
    const { clock, after } = setUp();
    const pollable = after(1n);
    const done = pollable.wait();
    clock.advance(MILLISECOND);
    await done;
    expect(pollable.ready()).toBe(true);
  });

  it('waits longer than one timeout of Node can', async () => {
    const { clock, after } = setUp();
    const pollable = after(60n * DAY);
    const done = pollable.wait();
    clock.advance(59n * DAY);
    expect(pollable.ready()).toBe(false);
    expect(clock.running).toBe(1);
    clock.advance(DAY);
    await done;
  });

  it('waits for the greatest duration without overflow', () => {
    const { clock, after } = setUp();
    const pollable = after(0xffff_ffff_ffff_ffffn);
    void pollable.wait();
    clock.advance(400n * DAY);
    expect(pollable.ready()).toBe(false);
    pollable[Symbol.dispose]();
    expect(clock.running).toBe(0);
  });

  it('keeps one timeout for many waits, and none after the pollable is dropped', () => {
    const { clock, after } = setUp();
    const pollable = after(DAY);
    void pollable.wait();
    void pollable.wait();
    expect(clock.running).toBe(1);
    pollable[Symbol.dispose]();
    expect(clock.running).toBe(0);
  });

  it('stops all timeouts when the call is aborted, and starts none afterwards', () => {
    const { clock, caller, after } = setUp();
    const pollables = Array.from({ length: 20 }, () => after(DAY));
    for (const pollable of pollables) {
      void pollable.wait();
    }
    expect(clock.running).toBe(1);
    caller.abort();
    expect(clock.running).toBe(0);
    void after(DAY).wait();
    expect(clock.running).toBe(0);
  });
});

describe('wall-clock', () => {
  it('tells seconds and nanoseconds', () => {
    const call = callHost(wallClock(new FakeClock()), fakeGuest().guest);
    expect(call('now')).toEqual({ seconds: 1n, nanoseconds: 0 });
    expect(call('resolution')).toEqual({ seconds: 0n, nanoseconds: 1 });
  });
});

describe('the system clock', () => {
  it('never goes back, agrees with Date, and calls back', async () => {
    const first = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
    const before = Date.now();
    const { seconds, nanoseconds } = systemClock.wall();
    const milliseconds = Number(seconds) * 1000 + nanoseconds / 1e6;
    expect(milliseconds).toBeGreaterThanOrEqual(before);
    expect(milliseconds).toBeLessThanOrEqual(Date.now() + 1);
    await new Promise<void>((resolve) => systemClock.after(1, resolve));
  });

  it('is the one that apps get', async () => {
    const bound = wasiClocks.bind(await wasiClocks.open(undefined, undefined as never), fakeGuest().component);
    expect([...bound.keys()]).toEqual([...wasiClocks.interfaces]);
    const call = callHost(bound.get('wasi:clocks/monotonic-clock@0.2.12'), fakeGuest().guest);
    expect(call<Pollable>('subscribe-duration', 0n)).toBeInstanceOf(Pollable);
  });
});
