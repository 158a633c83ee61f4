import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { RateLimit } from './rate-limit.ts';
import { PRIORITIES, type Priority } from './types.ts';
import { WorkQueue } from './work-queue.ts';

const key = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'default', name });

const drained = (queue: WorkQueue): readonly string[] => {
  const names: string[] = [];
  for (let taken = queue.take(); taken !== undefined; taken = queue.take()) {
    names.push(taken.key.name);
    queue.finish(taken.key);
  }
  return names;
};

describe('12. a work queue', () => {
  it('gives a key out once, and once more for all that came while it was worked on', () => {
    const queue = new WorkQueue({ clock: new FakeClock() });
    queue.add(key('a'), 'live');
    queue.add(key('a'), 'live');
    expect(queue.depth).toBe(1);
    expect(queue.take()?.key).toEqual(key('a'));
    queue.add(key('a'), 'live');
    queue.add(key('a'), 'child');
    expect(queue.take()).toBeUndefined();
    queue.finish(key('a'));
    expect(drained(queue)).toEqual(['a']);
    expect(queue.take()).toBeUndefined();
  });

  it('parts objects of the same name in two namespaces', () => {
    const queue = new WorkQueue({ clock: new FakeClock() });
    queue.add({ namespace: 'one', name: 'a' }, 'live');
    queue.add({ namespace: 'two', name: 'a' }, 'live');
    queue.add({ name: 'a' }, 'live');
    expect([queue.take()?.key, queue.take()?.key, queue.take()?.key]).toEqual([
      { namespace: 'one', name: 'a' },
      { namespace: 'two', name: 'a' },
      { name: 'a' },
    ]);
  });

  it('serves a live edit before a child, a child before another try, that before the first list, each in its order', () => {
    const queue = new WorkQueue({ clock: new FakeClock() });
    for (const priority of PRIORITIES.toReversed()) {
      queue.add(key(`${priority}-1`), priority);
      queue.add(key(`${priority}-2`), priority);
    }
    expect(drained(queue)).toEqual([
      'live-1',
      'live-2',
      'child-1',
      'child-2',
      'retry-1',
      'retry-2',
      'initial-1',
      'initial-2',
    ]);
  });

  it('moves a key up for a better reason, and never down', () => {
    const queue = new WorkQueue({ clock: new FakeClock() });
    queue.add(key('a'), 'initial');
    queue.add(key('b'), 'initial');
    queue.add(key('c'), 'live');
    queue.add(key('b'), 'live');
    queue.add(key('c'), 'initial');
    expect(drained(queue)).toEqual(['c', 'b', 'a']);
  });

  it('serves the first list although live edits never end', () => {
    const queue = new WorkQueue({ clock: new FakeClock() });
    queue.add(key('patient'), 'initial');
    const served: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      queue.add(key(`edit-${count}`), 'live');
      queue.add(key(`other-${count}`), 'live');
      const taken = queue.take();
      served.push(taken?.key.name ?? '');
      queue.finish(taken?.key ?? key(''));
    }
    expect(served).toContain('patient');
  });

  it('merges delays to the earliest, and drops them for what comes now', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ clock });
    queue.addAfter(key('a'), 1_000, 'retry');
    queue.addAfter(key('a'), 300, 'retry');
    queue.addAfter(key('a'), 2_000, 'retry');
    queue.addAfter(key('b'), 500, 'retry');
    queue.add(key('b'), 'live');
    expect(drained(queue)).toEqual(['b']);
    await clock.advance(299);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(drained(queue)).toEqual(['a']);
    await clock.advance(10_000);
    expect([queue.depth, queue.delayed, clock.pending]).toEqual([0, 0, 0]);
  });

  it('keeps a delay that is longer than any timer', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ clock });
    queue.addAfter(key('a'), 2 ** 32, 'retry');
    await clock.advance(2 ** 32 - 1);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
  });

  it('says how long a key has waited', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ clock });
    queue.add(key('a'), 'initial');
    await clock.advance(40);
    queue.add(key('a'), 'live');
    await clock.advance(2);
    expect(queue.take()).toEqual({ key: key('a'), priority: 'live', queuedMs: 42 });
  });

  it('9. has no room for more than 1,000 keys that watches brought, however many the first list did', async () => {
    const queue = new WorkQueue({ clock: new FakeClock() });
    for (let count = 0; count < 5_000; count += 1) {
      queue.add(key(`initial-${count}`), 'initial');
    }
    for (let count = 0; count < 1_000; count += 1) {
      queue.add(key(`live-${count}`), 'live');
    }
    expect(queue.room()).toBeUndefined();
    queue.add(key('one-more'), 'live');
    const room = queue.room();
    expect(room).toBeInstanceOf(Promise);
    queue.take();
    await room;
    expect(queue.room()).toBeUndefined();
  });

  it('gives nothing out and keeps nobody waiting when it is closed', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ clock });
    queue.addAfter(key('later'), 10, 'retry');
    for (let count = 0; count < 1_001; count += 1) {
      queue.add(key(`${count}`), 'live');
    }
    const room = queue.room();
    queue.close();
    await room;
    queue.add(key('late'), 'live');
    await clock.advance(100);
    expect(queue.take()).toBeUndefined();
  });

  it('never has a key at two workers, and never loses one, in any order of events', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        name: fc.constantFrom('a', 'b', 'c'),
        priority: fc.constantFrom(...PRIORITIES),
      }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('finish' as const), name: fc.constantFrom('a', 'b', 'c') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new WorkQueue({ clock: new FakeClock() });
        const [working, due] = [new Set<string>(), new Set<string>()];
        const wrong: string[] = [];
        for (const each of steps) {
          if (each.kind === 'add') {
            queue.add(key(each.name), each.priority as Priority);
            due.add(each.name);
          } else if (each.kind === 'finish' && working.delete(each.name)) {
            queue.finish(key(each.name));
          } else if (each.kind === 'take') {
            const name = queue.take()?.key.name;
            const free = [...due].filter((candidate) => !working.has(candidate));
            if (name === undefined ? free.length > 0 : !free.includes(name)) {
              wrong.push(`gave ${name} of ${free.join()}`);
            }
            if (name !== undefined) {
              working.add(name);
              due.delete(name);
            }
          }
        }
        expect(wrong).toEqual([]);
        for (const name of working) {
          queue.finish(key(name));
        }
        expect(drained(queue).toSorted()).toEqual([...due].toSorted());
      }),
    );
  });
});

describe('12. the backoff of a key', () => {
  it('doubles from 5 ms to 5 minutes, and begins anew when the key was well', () => {
    const limit = new RateLimit();
    const waits = Array.from({ length: 18 }, () => limit.nextMs('a'));
    expect(waits.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(waits.slice(-3)).toEqual([163_840, 300_000, 300_000]);
    expect(limit.nextMs('b')).toBe(5);
    limit.forget('a');
    expect(limit.nextMs('a')).toBe(5);
  });
});
