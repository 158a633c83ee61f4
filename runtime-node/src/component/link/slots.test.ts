import { describe, expect, it } from 'vitest';
import { Trap } from '../host-interface.ts';
import { chooseResetter, type ResetMode } from '../reset/index.ts';
import { linkWat, type HostSketches } from './testing/wat.ts';
import type { LinkedComponent } from '../api.ts';

/** One memory, a global, a table that stays; `wait` keeps the stack while the host thinks. */
const COUNTER = `(component
  (import "test:host/x" (instance $x (export "wait" (func)) (export "now" (func (result u32)))))
  (core func $wait (canon lower (func $x "wait")))
  (core func $now (canon lower (func $x "now")))
  (core module $m
    (import "host" "wait" (func $wait))
    (import "host" "now" (func $now (result i32)))
    (memory (export "memory") 1 10)
    (global $count (mut i32) (i32.const 0))
    (func (export "count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (i32.add (i32.mul (global.get $count) (i32.const 100)) (i32.load (i32.const 8))))
    (func (export "grow") (param i32) (result i32)
      (drop (memory.grow (local.get 0)))
      (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) (i32.const 7))
      (memory.size))
    (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "fill") (param i32) (memory.fill (local.get 0) (i32.const 1) (i32.const 1)))
    (func (export "trap") unreachable)
    (func (export "wait") (call $wait))
    (func (export "now") (result i32) (call $now)))
  (core instance $i (instantiate $m (with "host" (instance (export "wait" (func $wait)) (export "now" (func $now))))))
  (func (export "count") (result u32) (canon lift (core func $i "count")))
  (func (export "grow") (param "pages" u32) (result u32) (canon lift (core func $i "grow")))
  (func (export "read") (param "at" u32) (result u32) (canon lift (core func $i "read")))
  (func (export "fill") (param "at" u32) (canon lift (core func $i "fill")))
  (func (export "trap") (canon lift (core func $i "trap")))
  (func (export "wait") (canon lift (core func $i "wait")))
  (func (export "now") (result u32) (canon lift (core func $i "now"))))`;

const host = (wait: () => unknown = () => undefined): HostSketches => ({
  'test:host/x': { functions: { now: () => 5 }, waiting: { wait } },
});

const linked = (mode: ResetMode, text = COUNTER, hosts = host()): Promise<LinkedComponent<unknown>> =>
  linkWat(text, hosts, { resetter: chooseResetter(mode) });

/** One guest's whole use of an instance. */
function use<T>(component: LinkedComponent<unknown>, name: string, ...args: unknown[]): T {
  const instance = component.instantiate({}, 'plain');
  try {
    return instance.call('', name, args) as T;
  } finally {
    instance.release();
  }
}

describe.each(['pagemap', 'madvise', 'copy', 'fresh'] as const)('instances that are put back by %s', (mode) => {
  it('show no guest what another has left', async () => {
    const component = await linked(mode);
    expect(component.reset.mode).toBe(mode);
    for (let i = 0; i < 50; i += 1) {
      expect(use(component, 'count')).toBe(101);
    }
  });

  it('have their first size again, and trap beyond it as a new one does', async () => {
    const component = await linked(mode);
    for (let i = 0; i < 3; i += 1) {
      expect(use(component, 'grow', 0)).toBe(1);
      expect(() => use(component, 'read', 65_536)).toThrow('memory access out of bounds');
      expect(() => use(component, 'fill', 65_536)).toThrow('memory access out of bounds');
      expect(use(component, 'grow', 2)).toBe(3);
      expect(() => use(component, 'read', 65_536)).toThrow('memory access out of bounds');
      expect(use(component, 'grow', 1)).toBe(2);
      expect(use(component, 'grow', 5)).toBe(6);
    }
  });

  it('give zeroes when they grow again', async () => {
    const component = await linked(mode);
    use(component, 'grow', 2);
    const instance = component.instantiate({}, 'plain');
    instance.call('', 'grow', [1]);
    instance.call('', 'grow', [1]);
    expect(instance.call('', 'read', [3 * 65_536 - 1])).toBe(7);
    expect(instance.call('', 'read', [2 * 65_536])).toBe(0);
  });

  it('are never shared by two guests at once', async () => {
    const component = await linked(mode);
    const first = component.instantiate({}, 'plain');
    expect(first.call('', 'count', [])).toBe(101);
    const second = component.instantiate({}, 'plain');
    expect(second.call('', 'count', [])).toBe(101);
    expect(first.call('', 'count', [])).toBe(202);
    first.release();
    second.release();
    expect(use(component, 'count')).toBe(101);
  });

  it('are thrown away after a call that failed', async () => {
    const component = await linked(mode);
    use(component, 'count');
    expect(() => use(component, 'trap')).toThrow('unreachable');
    expect(use(component, 'count')).toBe(101);
  });

  it.each(['plain', 'suspending'] as const)(
    'are put back after a guest has ended its call by itself (%s)',
    async (how) => {
      class Exit extends Trap {
        override readonly orderly = true;
      }
      const end = (): never => {
        throw new Exit('bye');
      };
      const component = await linked(mode, COUNTER, host(end));
      for (let guest = 0; guest < 3; guest += 1) {
        const instance = component.instantiate({}, how);
        expect(await instance.call('', 'count', [])).toBe(101);
        await expect(Promise.resolve().then(() => instance.call('', 'wait', []))).rejects.toThrow('bye');
        instance.release();
      }
      expect(use(component, 'count')).toBe(101);
      expect(component.instances).toMatchObject({ free: mode === 'fresh' ? 0 : 1, failed: 0, notReset: 0 });
    },
  );

  it('are thrown away while a guest still waits, whose late end hurts nobody', async () => {
    const gate = Promise.withResolvers<void>();
    const component = await linked(
      mode,
      COUNTER,
      host(() => gate.promise),
    );
    const waiting = component.instantiate({}, 'suspending');
    const call = waiting.call('', 'wait', []) as Promise<unknown>;
    const failure = call.then(
      () => undefined,
      (error: unknown) => error,
    );
    waiting.release();
    expect(use(component, 'count')).toBe(101);
    gate.resolve();
    expect(await failure).toMatchObject({ name: 'Trap', message: 'the instance was disposed' });
    expect(use(component, 'count')).toBe(101);
  });

  it('cannot be reached any more by the guest before', async () => {
    const component = await linked(mode);
    const before = component.instantiate({}, 'plain');
    before.release();
    const now = component.instantiate({}, 'plain');
    before.abort(new Error('too late'));
    before.dispose();
    before.release();
    expect(() => before.call('', 'count', [])).toThrow('the instance was released');
    expect(now.call('', 'count', [])).toBe(101);
  });

  it('serve calls of every kind in turn', async () => {
    const component = await linked(mode);
    for (let i = 0; i < 3; i += 1) {
      for (const kind of ['plain', 'trial', 'suspending'] as const) {
        const instance = component.instantiate({}, kind);
        await (kind === 'suspending' ? instance.call('', 'wait', []) : undefined);
        expect(await instance.call('', 'count', [])).toBe(101);
        instance.release();
      }
    }
  });
});

describe('a component whose first state depends on the world', () => {
  const ASKS = `(component
    (import "test:host/x" (instance $x (export "wait" (func)) (export "now" (func (result u32)))))
    (core func $now (canon lower (func $x "now")))
    (core module $m (import "host" "now" (func $now (result i32)))
      (global $g (mut i32) (i32.const 0))
      (func $begin (global.set $g (call $now))) (start $begin)
      (func (export "get") (result i32) (global.get $g)))
    (core instance $i (instantiate $m (with "host" (instance (export "now" (func $now))))))
    (func (export "get") (result u32) (canon lift (core func $i "get"))))`;

  it('gets a new instance for each guest, and says why', async () => {
    let time = 0;
    const hosts: HostSketches = {
      'test:host/x': { functions: { now: () => (time += 1) }, waiting: { wait: () => {} } },
    };
    const component = await linked('pagemap', ASKS, hosts);
    component.warm();
    expect(component.reset).toEqual({ mode: 'fresh', reason: 'it calls imports while it is instantiated' });
    expect([use(component, 'get'), use(component, 'get')]).toEqual([1, 2]);
  });
});

describe('a component that cannot be served', () => {
  it('is refused when it traps at its start', async () => {
    const component = await linked(
      'pagemap',
      '(component (core module $m (func $f unreachable) (start $f)) (core instance (instantiate $m)))',
    );
    expect(() => component.warm()).toThrow(
      expect.objectContaining({ name: 'UserError', code: 'SPK4019', message: expect.stringContaining('unreachable') }),
    );
  });

  it('is refused when its memory is larger from the start than the limit', async () => {
    await expect(linkWat(COUNTER, host(), { instanceMemory: 65_535 })).rejects.toMatchObject({ code: 'SPK4018' });
    await expect(linkWat(COUNTER, host(), { instanceMemory: 65_536 })).resolves.toBeDefined();
  });

  it('is refused when it reaches for what the engine has put into its modules', async () => {
    const text = `(component
      (core module $m (global (mut i32) (i32.const 0)) (func (export "f")))
      (core instance $i (instantiate $m))
      (func (export "keep") (canon lift (core func $i "NAME"))))`;
    for (const name of ['spindle:save', 'spindle:restore', 'spindle:grow']) {
      await expect(linkWat(text.replace('NAME', name))).rejects.toMatchObject({ name: 'UserError' });
    }
  });

  it('grows no further than the limit', async () => {
    const component = await linkWat(COUNTER, host(), {
      instanceMemory: 3 * 65_536,
      resetter: chooseResetter('pagemap'),
    });
    expect(use(component, 'grow', 2)).toBe(3);
    expect(use(component, 'grow', 3)).toBe(1);
  });
});
