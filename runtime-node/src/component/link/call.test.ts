// Calls into an instance and out of it, on the plain stack.
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { MustSuspend, Trap, type CoreBinding, type HostFunction } from '../index.ts';
import type { ComponentInstance } from '../api.ts';
import { prepareComponent } from '../prepare/index.ts';
import { linkComponent } from './link.ts';
import { instantiateWat, linkWat } from './testing/wat.ts';

async function guest(name: string): Promise<ComponentInstance> {
  return linkComponent(await prepareComponent(await fixture(name)), new Map()).instantiate({}, 'plain');
}

/** `run` hands its parameter to the host's `f` and gives back what it answers. */
const CALLER = `(component
  (import "test:host/x" (instance $x (export "f" (func (param "n" u32) (result u32)))))
  (core func $f (canon lower (func $x "f")))
  (core module $m
    (import "host" "f" (func $f (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $f (local.get 0)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m (with "host" (instance (export "f" (func $f))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run")))
  (func (export "trap") (canon lift (core func $i "trap"))))`;

/** `run` gives a string; realloc or post-return call the host's `f`, as the text is changed to. */
const STRINGS = `(component
  (import "test:host/x" (instance $x (export "f" (func)) (export "log" (func (param "n" u32)))))
  (core func $f (canon lower (func $x "f")))
  (core func $log (canon lower (func $x "log")))
  (core module $m
    (import "host" "f" (func $f))
    (memory (export "memory") 1)
    (data (i32.const 64) "\\40\\01\\00\\00\\05\\00\\00\\00")
    (data (i32.const 320) "hello")
    (func (export "run") (param i32 i32) (result i32) (i32.const 64))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (;realloc;) (i32.const 1024))
    (func (export "post") (param i32)
      (;post;)
      (i32.store8 (i32.const 320) (i32.const 0x4a))
      (i32.store8 (i32.const 324) (local.get 0))))
  (core instance $i (instantiate $m (with "host" (instance (export "f" (func $f)) (export "log" (func $log))))))
  (func (export "run") (param "s" string) (result string)
    (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))
      (post-return (core func $i "post")))))`;

const quiet = { 'test:host/x': { functions: { f: () => undefined, log: () => undefined } } };

describe('a call', () => {
  it.each([
    ['nested', 'run', [14], 42],
    ['resource', 'run', [], 15_101_010],
    ['split', 'greet', ['wörld'], 'Hello, wörld'],
    ['start', 'run', [], 42],
  ])('of the guest %s gives what its source says', async (name, run, args, result) => {
    expect((await guest(name)).call('', run, args)).toBe(result);
  });

  it('reaches the host and comes back', async () => {
    const instance = await instantiateWat(CALLER, { 'test:host/x': { functions: { f: (n: number) => n + 1 } } });
    expect(instance.call('', 'run', [4_000_000_000])).toBe(4_000_000_001);
  });

  it('gives the host the guest object of its instance', async () => {
    const guests: unknown[] = [];
    const f: HostFunction<unknown> = { call: (object) => (guests.push(object), 0), waits: false };
    const linked = await linkWat(CALLER, { 'test:host/x': { raw: { f } } });
    linked.instantiate('first', 'plain').call('', 'run', [0]);
    linked.instantiate('second', 'plain').call('', 'run', [0]);
    expect(guests).toEqual(['first', 'second']);
  });

  it('lifts the result before post-return takes it back, and hands post-return the core result', async () => {
    const instance = await instantiateWat(STRINGS, quiet);
    expect(instance.call('', 'run', ['x'])).toBe('hello');
    expect(instance.call('', 'run', ['x'])).toBe('Jell@');
  });

  it.each([
    ['nothing', 'run', 'the component exports no function nothing of interface "run"'],
    ['run', '', 'the component exports no function run of interface "toString"'],
  ])('of a function that is not there is refused (%s)', async (name, _interface, message) => {
    const instance = await instantiateWat(CALLER, { 'test:host/x': { functions: { f: () => 0 } } });
    expect(() => instance.call(name === 'nothing' ? 'run' : 'toString', name, [])).toThrow(message);
  });

  it('with arguments of other types is refused by the name of the function', async () => {
    const instance = await instantiateWat(CALLER, { 'test:host/x': { functions: { f: () => 0 } } });
    expect(() => instance.call('', 'run', ['4'])).toThrow('run: expected u32, got "4"');
  });
});

describe('a call that fails', () => {
  it.each<[string, () => unknown, string]>([
    [
      'what it throws',
      () => {
        throw new RangeError('out of cheese');
      },
      'out of cheese',
    ],
    ['an answer of another type', () => 'five', 'test:host/x#f: expected u32, got "five"'],
    [
      'a promise where none was declared',
      async () => 5,
      'test:host/x#f answered with a promise, but is declared never to wait',
    ],
    ['a promise that fails where none was declared', () => Promise.reject(new Error('late')), 'declared never to wait'],
  ])('because of the host throws %s', async (_what, f, message) => {
    const instance = await instantiateWat(CALLER, { 'test:host/x': { functions: { f } } });
    expect(() => instance.call('', 'run', [1])).toThrow(message);
  });

  it('because the guest trapped throws the engine error', async () => {
    const instance = await instantiateWat(CALLER, { 'test:host/x': { functions: { f: () => 0 } } });
    expect(() => instance.call('', 'trap', [])).toThrow(WebAssembly.RuntimeError);
  });

  it('leaves an instance that refuses every further call, naming the cause', async () => {
    const instance = await instantiateWat(CALLER, { 'test:host/x': { functions: { f: () => 0 } } });
    expect(() => instance.call('', 'trap', [])).toThrow('unreachable');
    expect(() => instance.call('', 'run', [1])).toThrow(
      expect.objectContaining({
        name: 'Trap',
        message: 'the instance cannot be used after a call that failed',
        cause: expect.any(WebAssembly.RuntimeError),
      }),
    );
  });

  it('throws MustSuspend when the host has to wait', async () => {
    const instance = await instantiateWat(CALLER, {
      'test:host/x': { waiting: { f: (n: number) => (n === 0 ? 7 : Promise.resolve(n)) } },
    });
    expect(instance.call('', 'run', [0])).toBe(7);
    expect(() => instance.call('', 'run', [1])).toThrow(MustSuspend);
    expect(() => instance.call('', 'run', [0])).toThrow(Trap);
  });

  it('fails even if the guest catches the exception and goes on', async () => {
    const calls: number[] = [];
    const f = (n: number) => {
      calls.push(n);
      throw new Trap('no further');
    };
    const text = CALLER.replace(
      '(call $f (local.get 0)))',
      `(block (try_table (catch_all 0) (drop (call $f (i32.const 1)))))
       (block (try_table (catch_all 0) (drop (call $f (i32.const 2)))))
       (i32.const 5))`,
    );
    const instance = await instantiateWat(text, { 'test:host/x': { functions: { f } } });
    expect(() => instance.call('', 'run', [0])).toThrow('no further');
    expect(calls).toEqual([1]);
  });

  it('is one that comes in while another runs in the same instance', async () => {
    let inner: unknown;
    const instance: ComponentInstance = await instantiateWat(CALLER, {
      'test:host/x': {
        functions: {
          f: (n: number) => {
            try {
              instance.call('', 'run', [1]);
            } catch (error) {
              inner = error;
            }
            return n;
          },
        },
      },
    });
    expect(instance.call('', 'run', [3])).toBe(3);
    expect(inner).toMatchObject({ name: 'Trap', message: 'cannot enter component instance: a call is running' });
  });

  it.each(['realloc', 'post'])('is one whose %s calls an import', async (where) => {
    const called: string[] = [];
    const text = STRINGS.replace(`(;${where};)`, '(call $f)');
    const instance = await instantiateWat(text, {
      'test:host/x': { functions: { f: () => called.push(where), log: () => undefined } },
    });
    expect(() => instance.call('', 'run', ['x'])).toThrow('cannot leave component instance');
    expect(called).toEqual([]);
  });

  it('in a start function ends the instantiation', async () => {
    await expect(guest('start-trap')).rejects.toThrow(WebAssembly.RuntimeError);
  });
});

const core = (make: (binding: CoreBinding) => (...args: number[]) => unknown): HostFunction<unknown> => ({
  call: () => {
    throw new Error('the typed function was called');
  },
  waits: false,
  core: (_guest, binding) => make(binding) as (...args: never[]) => unknown,
});

describe('a host function at the core ABI', () => {
  it('is called instead of the typed one, with flat parameters', async () => {
    const f = core(
      () =>
        (n = 0) =>
          n * 3,
    );
    const instance = await instantiateWat(CALLER, { 'test:host/x': { raw: { f } } });
    expect(instance.call('', 'run', [5])).toBe(15);
  });

  it('gets the guest object of its instance', async () => {
    const f: HostFunction<unknown> = {
      ...core(() => () => 0),
      core: (get) => () => (get() as { answer: number }).answer,
    };
    const linked = await linkWat(CALLER, { 'test:host/x': { raw: { f } } });
    expect(linked.instantiate({ answer: 42 }, 'plain').call('', 'run', [0])).toBe(42);
  });

  it('ends the call when it throws, also for a guest that catches it', async () => {
    const f = core(() => () => {
      throw new Trap('core trap');
    });
    const text = CALLER.replace(
      '(call $f (local.get 0)))',
      '(block (try_table (catch_all 0) (drop (call $f (i32.const 1))))) (i32.const 5))',
    );
    const instance = await instantiateWat(text, { 'test:host/x': { raw: { f } } });
    expect(() => instance.call('', 'run', [5])).toThrow('core trap');
  });

  it('may have more parameters than the fixed ones of the quick way', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `p${i}`);
    const text = `(component
      (import "test:host/x" (instance $x (export "f" (func ${names.map((name) => `(param "${name}" u32)`).join('')} (result u32)))))
      (core func $f (canon lower (func $x "f")))
      (core module $m
        (import "host" "f" (func $f (param ${'i32 '.repeat(12)}) (result i32)))
        (func (export "run") (result i32) ${names.map((_, i) => `(i32.const ${i + 1})`).join('')} (call $f)))
      (core instance $i (instantiate $m (with "host" (instance (export "f" (func $f))))))
      (func (export "run") (result u32) (canon lift (core func $i "run"))))`;
    const f = core(
      () =>
        (...args) =>
          args.reduce((sum, n) => sum + n, 0),
    );
    const instance = await instantiateWat(text, { 'test:host/x': { raw: { f } } });
    expect(instance.call('', 'run', [])).toBe(78);
  });
});
