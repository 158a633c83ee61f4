// Calls that wait: the guest's stack is suspended until the host's promise settles.
import { describe, expect, it } from 'vitest';
import { MustSuspend, Trap, type HostFunction } from '../index.ts';
import { instantiateWat, linkWat } from './testing/wat.ts';

/** `run` asks the host twice and adds the answers; `quiet` asks nothing. */
const ASKER = `(component
  (import "test:host/x" (instance $x (export "ask" (func (param "n" u32) (result u32)))))
  (core func $ask (canon lower (func $x "ask")))
  (core module $m
    (import "host" "ask" (func $ask (param i32) (result i32)))
    (func (export "run") (param i32) (result i32)
      (i32.add (call $ask (local.get 0)) (call $ask (i32.add (local.get 0) (i32.const 1)))))
    (func (export "trap") (param i32) (drop (call $ask (local.get 0))) unreachable))
  (core instance $i (instantiate $m (with "host" (instance (export "ask" (func $ask))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run")))
  (func (export "trap") (param "n" u32) (canon lift (core func $i "trap"))))`;

/** `run` gives back the string that the host answers with; realloc moves the memory each time. */
const READER = `(component
  (import "test:host/x" (instance $x (export "read" (func (result string)))))
  (core module $libc
    (memory (export "memory") 1)
    (global $heap (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (drop (memory.grow (i32.const 1)))
      (global.get $heap)
      (global.set $heap (i32.add (global.get $heap) (i32.const 64)))))
  (core instance $libc (instantiate $libc))
  (core func $read (canon lower (func $x "read") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "host" "read" (func $read (param i32)))
    (func (export "run") (result i32) (call $read (i32.const 16)) (i32.const 16)))
  (core instance $i (instantiate $m (with "host" (instance (export "read" (func $read))))))
  (func (export "run") (result string) (canon lift (core func $i "run") (memory (core memory $libc "memory")))))`;

/** Two components: the root calls `inner` of a nested one, which asks the host. */
const NESTED = `(component
  (import "test:host/x" (instance $x (export "ask" (func (param "n" u32) (result u32)))))
  (component $inner
    (import "ask" (func $ask (param "n" u32) (result u32)))
    (core func $ask (canon lower (func $ask)))
    (core module $m
      (import "host" "ask" (func $ask (param i32) (result i32)))
      (func (export "inner") (param i32) (result i32) (i32.mul (call $ask (local.get 0)) (i32.const 10))))
    (core instance $i (instantiate $m (with "host" (instance (export "ask" (func $ask))))))
    (func (export "inner") (param "n" u32) (result u32) (canon lift (core func $i "inner"))))
  (alias export $x "ask" (func $ask))
  (instance $n (instantiate $inner (with "ask" (func $ask))))
  (core func $inner (canon lower (func $n "inner")))
  (core module $m
    (import "nested" "inner" (func $inner (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (i32.add (call $inner (local.get 0)) (i32.const 1))))
  (core instance $i (instantiate $m (with "nested" (instance (export "inner" (func $inner))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))`;

/** A host whose answers the test gives when it likes. */
function questions() {
  const asked: { readonly n: number; readonly answer: PromiseWithResolvers<number> }[] = [];
  const ask = (n: number): Promise<number> => {
    const answer = Promise.withResolvers<number>();
    asked.push({ n, answer });
    return answer.promise;
  };
  return { asked, hosts: { 'test:host/x': { waiting: { ask } } } };
}

/** Lets everything that is settled run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a call in suspending mode', () => {
  it('waits for each promise of the host', async () => {
    const { asked, hosts } = questions();
    const result = (await instantiateWat(ASKER, hosts, 'suspending')).call('', 'run', [5]);
    await turn();
    expect(asked.map(({ n }) => n)).toEqual([5]);
    asked[0]?.answer.resolve(30);
    await turn();
    expect(asked.map(({ n }) => n)).toEqual([5, 6]);
    asked[1]?.answer.resolve(12);
    await expect(result).resolves.toBe(42);
  });

  it('runs through without waiting where the host answers at once, and is a promise all the same', async () => {
    const order: string[] = [];
    const ask = (n: number) => (order.push(`asked ${n}`), n);
    const instance = await instantiateWat(ASKER, { 'test:host/x': { waiting: { ask } } }, 'suspending');
    const result = instance.call('', 'run', [1]);
    order.push('call returned');
    await expect(result).resolves.toBe(3);
    expect(order).toEqual(['asked 1', 'asked 2', 'call returned']);
  });

  it('is a promise also when nothing in the component can wait', async () => {
    const hosts = { 'test:host/x': { functions: { ask: (n: number) => n } } };
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    await expect(instance.call('', 'run', [1])).resolves.toBe(3);
    await expect(instance.call('', 'nothing', [])).rejects.toThrow('exports no function nothing');
    await expect(instance.call('', 'run', ['1'])).rejects.toThrow('run: expected u32, got "1"');
  });

  it('stores the answer in memory that has moved meanwhile', async () => {
    const hosts = { 'test:host/x': { waiting: { read: async () => 'a string of the host' } } };
    const instance = await instantiateWat(READER, hosts, 'suspending');
    await expect(instance.call('', 'run', [])).resolves.toBe('a string of the host');
    await expect(instance.call('', 'run', [])).resolves.toBe('a string of the host');
  });

  it('rejects with what the host rejects with, and the instance is dead', async () => {
    const failure = new RangeError('no such thing');
    const hosts = { 'test:host/x': { waiting: { ask: () => Promise.reject(failure) } } };
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    await expect(instance.call('', 'run', [1])).rejects.toBe(failure);
    await expect(instance.call('', 'run', [1])).rejects.toMatchObject({ name: 'Trap', cause: failure });
  });

  it('rejects when the late answer is of another type', async () => {
    const hosts = { 'test:host/x': { waiting: { ask: async () => 'five' } } };
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    await expect(instance.call('', 'run', [1])).rejects.toThrow('test:host/x#ask: expected u32, got "five"');
  });

  it('rejects with the trap of a guest that had waited', async () => {
    const instance = await instantiateWat(ASKER, { 'test:host/x': { waiting: { ask: async () => 1 } } }, 'suspending');
    await expect(instance.call('', 'trap', [1])).rejects.toThrow(WebAssembly.RuntimeError);
  });

  it('lets no other call in while it is suspended, and one after it', async () => {
    const { asked, hosts } = questions();
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    const first = instance.call('', 'run', [1]);
    await turn();
    await expect(instance.call('', 'run', [2])).rejects.toThrow('a call is running');
    asked[0]?.answer.resolve(1);
    await turn();
    asked[1]?.answer.resolve(1);
    await expect(first).resolves.toBe(2);
    const second = instance.call('', 'run', [7]);
    await turn();
    expect(asked.map(({ n }) => n)).toEqual([1, 2, 7]);
    instance.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
  });

  it('may be suspended in many instances at once, which end in any order', async () => {
    const { asked, hosts } = questions();
    const linked = await linkWat(ASKER, hosts);
    const ended: number[] = [];
    const calls = [0, 1, 2].map(async (n) => {
      const result = await linked.instantiate({}, 'suspending').call('', 'run', [10 * n]);
      ended.push(n);
      return result;
    });
    await turn();
    for (const n of [2, 0, 1]) {
      asked.find((one) => one.n === 10 * n)?.answer.resolve(n);
      await turn();
      asked.find((one) => one.n === 10 * n + 1)?.answer.resolve(100);
      await turn();
    }
    await expect(Promise.all(calls)).resolves.toEqual([100, 101, 102]);
    expect(ended).toEqual([2, 0, 1]);
  });

  it('waits in a host function at the core ABI, too', async () => {
    const ask: HostFunction<unknown> = {
      call: () => undefined,
      waits: true,
      core: () => ((n: number) => (n === 1 ? Promise.resolve(41) : 1)) as (...args: never[]) => unknown,
    };
    const instance = await instantiateWat(ASKER, { 'test:host/x': { raw: { ask } } }, 'suspending');
    await expect(instance.call('', 'run', [1])).resolves.toBe(42);
  });
});

describe('a call from one component instance to another', () => {
  it('suspends both while the inner one waits', async () => {
    const { asked, hosts } = questions();
    const instance = await instantiateWat(NESTED, hosts, 'suspending');
    const result = instance.call('', 'run', [4]);
    await turn();
    asked[0]?.answer.resolve(4);
    await expect(result).resolves.toBe(41);
  });

  it('goes on at once when the host answers at once', async () => {
    const instance = await instantiateWat(
      NESTED,
      { 'test:host/x': { waiting: { ask: (n: number) => n } } },
      'suspending',
    );
    await expect(instance.call('', 'run', [4])).resolves.toBe(41);
    await expect(instance.call('', 'run', [5])).resolves.toBe(51);
  });

  it('is an ordinary call in plain mode', async () => {
    const instance = await instantiateWat(NESTED, { 'test:host/x': { waiting: { ask: (n: number) => n } } });
    expect(instance.call('', 'run', [4])).toBe(41);
  });

  it('ends in both when the wait is aborted', async () => {
    const { hosts } = questions();
    const instance = await instantiateWat(NESTED, hosts, 'suspending');
    const result = instance.call('', 'run', [4]);
    await turn();
    const reason = new Error('client went away');
    instance.abort(reason);
    await expect(result).rejects.toBe(reason);
  });
});

describe('aborting', () => {
  it('rejects the wait and the call with the reason, and the late answer changes nothing', async () => {
    const { asked, hosts } = questions();
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    const result = instance.call('', 'run', [5]);
    await turn();
    const reason = new Error('client went away');
    instance.abort(reason);
    await expect(result).rejects.toBe(reason);
    asked[0]?.answer.resolve(1);
    await turn();
    expect(asked).toHaveLength(1);
    await expect(instance.call('', 'run', [5])).rejects.toMatchObject({ name: 'Trap', cause: reason });
  });

  it('takes the late failure of the host, too', async () => {
    const { asked, hosts } = questions();
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    const result = instance.call('', 'run', [5]);
    await turn();
    instance.abort(new Error('first'));
    asked[0]?.answer.reject(new Error('second'));
    await expect(result).rejects.toThrow('first');
    await turn();
  });

  it('keeps a guest that catches the exception from waiting again', async () => {
    const { asked, hosts } = questions();
    const text = ASKER.replace(
      '(drop (call $ask (local.get 0))) unreachable',
      '(block (try_table (catch_all 0) (drop (call $ask (i32.const 1))))) (drop (call $ask (i32.const 2)))',
    );
    const instance = await instantiateWat(text, hosts, 'suspending');
    const result = instance.call('', 'trap', [5]);
    await turn();
    instance.abort(new Error('stop'));
    await expect(result).rejects.toThrow('stop');
    expect(asked.map(({ n }) => n)).toEqual([1]);
  });

  it('of an instance in which nothing runs makes it refuse calls', async () => {
    const { hosts } = questions();
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    instance.abort(new Error('stop'));
    await expect(instance.call('', 'run', [1])).rejects.toThrow('cannot be used after a call that failed');
  });

  it('is what disposing does to a call that waits', async () => {
    const { hosts } = questions();
    const instance = await instantiateWat(ASKER, hosts, 'suspending');
    const result = instance.call('', 'run', [1]);
    await turn();
    instance.dispose();
    await expect(result).rejects.toThrow('the instance was disposed');
  });

  it('from within a host function that then has to wait ends the call at once', async () => {
    const instance = await instantiateWat(
      ASKER,
      {
        'test:host/x': {
          waiting: {
            ask: (): Promise<number> => {
              instance.abort(new Error('stop'));
              return new Promise(() => {});
            },
          },
        },
      },
      'suspending',
    );
    await expect(instance.call('', 'run', [1])).rejects.toThrow('stop');
  });

  it('from within a host function ends the call when the guest comes back', async () => {
    const instance = await instantiateWat(
      ASKER,
      {
        'test:host/x': {
          waiting: {
            ask: (n: number): number => {
              instance.abort(new Error('stop'));
              return n;
            },
          },
        },
      },
      'suspending',
    );
    await expect(instance.call('', 'run', [1])).rejects.toThrow('stop');
  });
});

/** `ask` is called in one of three places that are not part of the call. */
const strings = (place: 'realloc' | 'post' | 'start'): string => {
  const call = (where: string) => (where === place ? '(call $ask)' : '');
  return `(component
    (import "test:host/x" (instance $x (export "ask" (func))))
    (core func $ask (canon lower (func $x "ask")))
    (core module $m
      (import "host" "ask" (func $ask))
      (memory (export "memory") 1)
      (func $begin ${call('start')})
      (start $begin)
      (func (export "run") (param i32 i32) (result i32) (i32.const 64))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${call('realloc')} (i32.const 1024))
      (func (export "post") (param i32) ${call('post')}))
    (core instance $i (instantiate $m (with "host" (instance (export "ask" (func $ask))))))
    (func (export "run") (param "s" string) (result string)
      (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))
        (post-return (core func $i "post")))))`;
};

describe('a function that may wait, called where nothing can be suspended', () => {
  it.each(['realloc', 'post'] as const)('traps in %s, whatever it answers', async (place) => {
    const hosts = { 'test:host/x': { waiting: { ask: () => undefined } } };
    const instance = await instantiateWat(strings(place), hosts, 'suspending');
    const failure: unknown = await Promise.resolve(instance.call('', 'run', ['x'])).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Trap);
    expect(failure).toMatchObject({ message: 'cannot leave component instance' });
  });

  it.each(['plain', 'suspending'] as const)('answers at once in a start function (%s)', async (mode) => {
    let asked = 0;
    await instantiateWat(strings('start'), { 'test:host/x': { waiting: { ask: () => void asked++ } } }, mode);
    expect(asked).toBe(1);
  });

  it('traps in a start function when it has to wait', async () => {
    const hosts = { 'test:host/x': { waiting: { ask: () => Promise.reject(new Error('never seen')) } } };
    await expect(instantiateWat(strings('start'), hosts, 'suspending')).rejects.toMatchObject({
      name: 'Trap',
      message: expect.stringContaining('test:host/x#ask has to wait, which is only possible in a call'),
    });
    await expect(instantiateWat(strings('start'), hosts, 'plain')).rejects.toThrow(MustSuspend);
  });
});
