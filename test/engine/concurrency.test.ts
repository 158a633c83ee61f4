// Guests that wait at the same time never share an instance, and an instance that ended badly serves nobody else.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waiting, plain, type HostInterfaces } from '../../runtime-node/src/component/index.ts';
import { engineOf, modesHere, prepareWat } from './engines.ts';

/** Leaves its number in a global, in memory and in a new page, waits, and answers with what it finds there then. */
const WAITER = `(component
  (import "test:host/x" (instance $x
    (export "wait" (func (param "n" u32)))
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (result (own $thing))))))
  (core func $wait (canon lower (func $x "wait")))
  (core func $open (canon lower (func $x "[constructor]thing")))
  (core module $m
    (import "x" "wait" (func $wait (param i32)))
    (import "x" "open" (func $open (result i32)))
    (memory 1) (global $g (mut i32) (i32.const 0)) (global $handles (mut i32) (i32.const 0))
    (func (export "run") (param $n i32) (result i64) (local $page i32)
      (global.set $handles (i32.add (i32.mul (call $open) (i32.const 1000)) (call $open)))
      (local.set $page (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
      (if (i32.or (i32.or (global.get $g) (i32.load (i32.const 512))) (i32.load (local.get $page))) (then unreachable))
      (global.set $g (local.get $n))
      (i32.store (i32.const 512) (local.get $n))
      (i32.store (local.get $page) (local.get $n))
      (call $wait (local.get $n))
      (if (i32.ne (global.get $g) (local.get $n)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 512)) (local.get $n)) (then unreachable))
      (if (i32.ne (i32.load (local.get $page)) (local.get $n)) (then unreachable))
      (i64.add (i64.extend_i32_u (local.get $n)) (i64.mul (i64.const 1000000) (i64.extend_i32_u (global.get $handles))))))
  (core instance $i (instantiate $m (with "x" (instance (export "wait" (func $wait)) (export "open" (func $open))))))
  (func (export "run") (param "n" u32) (result u64) (canon lift (core func $i "run"))))`;

/** Handles 1 and 2, in each instance. */
const answer = (n: number): bigint => BigInt(n) + 1_000_000n * 1002n;

class Thing {
  readonly kind = 'thing';
}

type Ending = 'answered' | 'failed' | 'aborted';

/** A host whose guests wait until they are told how to go on. */
class Host {
  readonly #ends = new Map<number, (error?: Error) => void>();
  readonly interfaces: HostInterfaces<object> = new Map([
    [
      'test:host/x',
      {
        functions: {
          wait: waiting((_guest: object, n: number) => this.#wait(n)),
          '[constructor]thing': plain(() => new Thing()),
        },
        resources: { thing: Thing },
      },
    ],
  ]);

  #wait(n: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ends.set(n, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  end(n: number, error?: Error): void {
    this.#ends.get(n)?.(error);
  }
}

const endings = fc.array(fc.constantFrom<Ending>('answered', 'answered', 'answered', 'failed', 'aborted'), {
  minLength: 1,
  maxLength: 12,
});

describe.each(modesHere)('with instances put back by %s', (mode) => {
  it('guests that wait at the same time, and go on in any order, have an instance each', async () => {
    const prepared = await prepareWat(WAITER);
    await fc.assert(
      fc.asyncProperty(
        fc.array(endings, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat(1000)),
        async (waves, order) => {
          const host = new Host();
          using engine = engineOf(prepared, { mode, interfaces: host.interfaces });
          let number = 0;
          for (const wave of waves) {
            const guests = wave.map((ending) => {
              number += 1;
              const instance = engine.linked.instantiate({}, 'suspending');
              return { n: number, ending, instance, result: instance.call('', 'run', [number]) as Promise<bigint> };
            });
            await Promise.resolve();
            const settled = Promise.allSettled(guests.map(({ result }) => result));
            for (const { n, ending, instance } of shuffled(guests, order)) {
              const error = new Error(ending);
              if (ending === 'aborted') {
                instance.abort(error);
              } else {
                host.end(n, ending === 'failed' ? error : undefined);
              }
            }
            const results = await settled;
            for (const { instance } of guests) {
              instance.release();
            }
            expect(
              results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
            ).toEqual(guests.map(({ n, ending }) => (ending === 'answered' ? answer(n) : ending)));
          }
          expect(engine.watch.differences).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.runIf(mode !== 'fresh')('an instance is used again after an answer, and never after a failure', async () => {
    const host = new Host();
    using engine = engineOf(await prepareWat(WAITER), { mode, interfaces: host.interfaces });
    const run = async (n: number, end: (abort: (error: Error) => void) => void): Promise<unknown> => {
      const instance = engine.linked.instantiate({}, 'suspending');
      const result = instance.call('', 'run', [n]) as Promise<bigint>;
      end((error) => instance.abort(error));
      const [settled] = await Promise.allSettled([result]);
      instance.release();
      return settled?.status;
    };
    const made = (): number => engine.watch.attached;
    expect(made()).toBe(1); // the one that was made ahead
    expect(await run(1, () => host.end(1))).toBe('fulfilled');
    expect(await run(2, () => host.end(2))).toBe('fulfilled');
    // A memory that has grown cannot be copied back: that mode makes a new one.
    const reused = mode === 'copy' ? 2 : 1;
    expect(made()).toBe(reused);
    expect(await run(3, (abort) => abort(new Error('gone')))).toBe('rejected');
    expect(await run(4, () => host.end(4, new Error('failed')))).toBe('rejected');
    expect(await run(5, () => host.end(5))).toBe('fulfilled');
    expect(made()).toBe(reused + (mode === 'copy' ? 3 : 2));
  });
});

function shuffled<T>(values: readonly T[], order: Iterator<number>): T[] {
  return values
    .map((value) => ({ value, at: order.next().value as number }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
