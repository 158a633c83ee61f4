import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { ApiError } from '../transport/errors.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { after, done, type Outcome, type QueueKey, type WorkReport } from './types.ts';

const key = (name: string): QueueKey => ({ namespace: 'default', name });

/** A controller whose work a test ends when it likes. */
function underTest(options: Partial<ControllerOptions> = {}): {
  readonly clock: FakeClock;
  readonly controller: Controller;
  readonly begun: string[];
  readonly reports: Omit<WorkReport, 'durationMs'>[];
  readonly failures: (readonly [message: string, retryMs: number | undefined])[];
} {
  const clock = new FakeClock();
  const [begun, reports, failures]: [
    string[],
    Omit<WorkReport, 'durationMs'>[],
    (readonly [string, number | undefined])[],
  ] = [[], [], []];
  const { reconcile = async () => done } = options;
  const controller = new Controller({
    clock,
    workers: 2,
    observer: {
      ended: ({ result, isTerminal, isTimeout, isPanic }) => reports.push({ result, isTerminal, isTimeout, isPanic }),
      failed: (_key, error, retryMs) => failures.push([error.message, retryMs]),
    },
    ...options,
    reconcile(at, context) {
      begun.push(at.name);
      return reconcile(at, context);
    },
  });
  return { clock, controller, begun, reports, failures };
}

const refused = (retry: ApiError['retry']): ApiError => new ApiError('no', { status: 500, reason: '', retry });
const noError: unknown = 'a text';

const OK = { result: 'success', isTerminal: false, isTimeout: false, isPanic: false };
const ERROR = { ...OK, result: 'error' };

describe('a controller', () => {
  it('12. works on a key once at a time, on others beside it, and on it again for what came meanwhile', async () => {
    const ends = new Map<string, () => void>();
    let running = 0;
    const { controller, begun } = underTest({
      async reconcile({ name }) {
        running += 1;
        const { promise, resolve } = Promise.withResolvers<void>();
        ends.set(name, resolve);
        await promise;
        running -= 1;
        return done;
      },
    });
    controller.add(key('a'), 'live');
    controller.add(key('b'), 'live');
    controller.add(key('c'), 'live');
    controller.start();
    controller.add(key('a'), 'live');
    controller.add(key('a'), 'live');
    await settle();
    expect([begun, running, controller.activeWorkers]).toEqual([['a', 'b'], 2, 2]);
    ends.get('a')?.();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    ends.get('c')?.();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c', 'a']);
  });

  it('13. comes back to a key after the time it asks for', async () => {
    const outcomes: Outcome[] = [after(60_000), done];
    const { clock, controller, begun, reports } = underTest({ reconcile: async () => outcomes.shift() ?? done });
    controller.start();
    controller.add(key('a'), 'live');
    await clock.advance(59_999);
    expect(begun).toEqual(['a']);
    await clock.advance(1);
    expect(begun).toEqual(['a', 'a']);
    await clock.advance(1_000_000);
    expect(reports).toEqual([{ ...OK, result: 'requeue_after' }, OK]);
  });

  it.each([
    ['an error', async () => Promise.reject(new Error('broken')), 5, ERROR],
    ['an error that says backoff', async () => Promise.reject(refused('backoff')), 5, ERROR],
    ['an error that says when', async () => Promise.reject(refused({ afterMs: 7_000 })), 7_000, ERROR],
    ['an error that says never', async () => Promise.reject(refused('no')), undefined, { ...ERROR, isTerminal: true }],
    ['a rejection that is no Error', async () => Promise.reject(noError), 5, { ...ERROR, isPanic: true }],
    [
      'a throw before any promise',
      () => {
        throw new TypeError('a bug');
      },
      5,
      ERROR,
    ],
  ] as const)('13. counts %s once, and goes on', async (_what, fail, retryMs, report) => {
    let isFailing = true;
    const { clock, controller, begun, reports, failures } = underTest({
      reconcile: () => (isFailing ? fail() : Promise.resolve(done)),
    });
    controller.start();
    controller.add(key('a'), 'live');
    await settle();
    expect(reports).toEqual([report]);
    expect(failures.map(([, ms]) => ms)).toEqual([retryMs]);
    isFailing = false;
    controller.add(key('b'), 'live');
    await clock.advance(retryMs ?? 1_000_000);
    expect(begun).toEqual(['a', 'b', ...(retryMs === undefined ? [] : ['a'])]);
  });

  it('12. waits longer with each failure of a key, and from the beginning after a success', async () => {
    let isFailing = true;
    const { clock, controller, failures } = underTest({
      async reconcile() {
        if (isFailing) {
          throw new Error('broken');
        }
        return done;
      },
    });
    controller.start();
    controller.add(key('a'), 'live');
    await clock.advance(5 + 10 + 20);
    expect(failures.map(([, ms]) => ms)).toEqual([5, 10, 20, 40]);
    isFailing = false;
    await clock.advance(40);
    isFailing = true;
    controller.add(key('a'), 'live');
    await settle();
    expect(failures.at(-1)?.[1]).toBe(5);
  });

  it('13. aborts work that takes more than 2 minutes, and counts it as one failure', async () => {
    const { clock, controller, reports, failures } = underTest({
      reconcile(_key, { signal }) {
        const { promise, reject } = Promise.withResolvers<Outcome>();
        signal.addEventListener('abort', () => reject(new Error('the request was aborted')));
        return promise;
      },
    });
    controller.start();
    controller.add(key('a'), 'live');
    await clock.advance(119_999);
    expect([reports, controller.unfinishedMs()]).toEqual([[], { total: 119_999, longest: 119_999 }]);
    await clock.advance(1);
    expect(reports).toEqual([{ ...ERROR, isTimeout: true }]);
    expect(failures).toEqual([['the work was not done in 120 s', 5]]);
  });

  it('13. gives up work that does not even heed its signal, and takes the key again', async () => {
    let isHanging = true;
    const { clock, controller, begun, reports } = underTest({
      reconcile: () => (isHanging ? new Promise<Outcome>(() => {}) : Promise.resolve(done)),
    });
    controller.start();
    controller.add(key('a'), 'live');
    await clock.advance(120_000);
    expect(controller.activeWorkers).toBe(1);
    isHanging = false;
    await clock.advance(5_005);
    expect(begun).toEqual(['a', 'a']);
    expect(reports).toEqual([{ ...ERROR, isTimeout: true }, OK]);
  });

  it('18. does not work on a key before its gate opens', async () => {
    let openAt = 5_000;
    const { clock, controller, begun } = underTest({
      gateMs: ({ name }) => (name === 'a' ? Math.max(0, openAt - clock.now()) : 0),
    });
    controller.start();
    controller.add(key('a'), 'live');
    controller.add(key('b'), 'live');
    await clock.advance(1_000);
    expect(begun).toEqual(['b']);
    openAt = 0;
    controller.add(key('a'), 'child');
    await settle();
    expect(begun).toEqual(['b', 'a']);
    openAt = 10_000;
    controller.add(key('a'), 'live');
    await clock.advance(9_000);
    expect(begun).toEqual(['b', 'a', 'a']);
  });

  it('20. stops by ending what is under way, and begins nothing else', async () => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const { clock, controller, begun, reports } = underTest({ workers: 1, reconcile: () => promise });
    controller.start();
    controller.add(key('a'), 'live');
    controller.add(key('b'), 'live');
    const stopped = controller.stop();
    await clock.advance(19_000);
    resolve(done);
    expect(await stopped).toBe(true);
    controller.add(key('c'), 'live');
    await clock.advance(100_000);
    expect([begun, reports]).toEqual([['a'], [OK]]);
  });

  it('20. aborts what does not end in 20 s, and waits no longer than 5 s for that', async () => {
    const aborted: string[] = [];
    const { clock, controller } = underTest({
      reconcile({ name }, { signal }) {
        const { promise, reject } = Promise.withResolvers<Outcome>();
        signal.addEventListener('abort', () => {
          aborted.push(name);
          if (name === 'heeds') {
            reject(signal.reason);
          }
        });
        return promise;
      },
    });
    controller.start();
    controller.add(key('heeds'), 'live');
    controller.add(key('deaf'), 'live');
    let answer: boolean | undefined;
    const stopped = controller.stop().then((value) => (answer = value));
    await clock.advance(19_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect([aborted, answer]).toEqual([['heeds', 'deaf'], undefined]);
    await clock.advance(5_000);
    await stopped;
    expect(answer).toBe(false);
  });

  it('20. stops at once when nothing is under way', async () => {
    const { controller } = underTest();
    controller.start();
    expect(await controller.stop()).toBe(true);
  });

  it('24. tells of each addition, each new try, how long keys waited and how long work took', async () => {
    const seen: string[] = [];
    const clock = new FakeClock();
    let tries = 0;
    const controller = new Controller({
      clock,
      workers: 1,
      async reconcile() {
        tries += 1;
        if (tries === 1) {
          throw new Error('once');
        }
        return done;
      },
      observer: {
        added: () => seen.push('added'),
        retried: () => seen.push('retried'),
        began: (ms) => seen.push(`began after ${ms}`),
        ended: ({ result, durationMs }) => seen.push(`${result} in ${durationMs}`),
      },
    });
    controller.add(key('a'), 'live');
    expect(controller.depth).toBe(1);
    await clock.advance(30);
    controller.start();
    await clock.advance(5);
    expect(seen).toEqual(['added', 'began after 30', 'retried', 'error in 0', 'began after 0', 'success in 0']);
  });
});
