// The machine alone: each step a value, time and chance chosen by the test.
import { describe, expect, it } from 'vitest';
import { type ApiError, TransportError } from '../transport/errors.ts';
import { apiErrorOf } from '../transport/status.ts';
import { BadLine, type Observed } from './event.ts';
import { newReflector, reflect, type ReflectorEffect, type ReflectorInput, type ReflectorState } from './reflect.ts';

const named = (name: string, resourceVersion: string): Observed => ({
  metadata: { name, uid: `uid-of-${name}`, resourceVersion },
});

/** Feeds one input after the other, and keeps what came of the last. */
class Machine {
  state: ReflectorState = newReflector;
  effects: readonly ReflectorEffect<Observed>[] = [];
  now = 0;
  chance = 0;

  feed(input: ReflectorInput<Observed>): this {
    [this.state, this.effects] = reflect(this.state, input, { now: this.now, chance: this.chance });
    return this;
  }

  start(): this {
    return this.feed({ kind: 'start' });
  }

  fail(error: Error): this {
    return this.feed({ kind: 'failed', turn: this.state.turn, error });
  }

  end(): this {
    return this.feed({ kind: 'ended', turn: this.state.turn });
  }

  /** When the timer comes. */
  time(ms: number): this {
    this.now += ms;
    return this.feed({ kind: 'time', turn: this.state.turn });
  }

  see(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Observed): this {
    return this.feed({ kind: 'event', turn: this.state.turn, event: { type, object } });
  }

  bookmark(resourceVersion: string, endsInitialEvents = false): this {
    return this.feed({
      kind: 'event',
      turn: this.state.turn,
      event: { type: 'BOOKMARK', resourceVersion, endsInitialEvents },
    });
  }

  error(error: ApiError): this {
    return this.feed({ kind: 'event', turn: this.state.turn, event: { type: 'ERROR', error } });
  }

  page(names: readonly string[], token?: string): this {
    return this.feed({
      kind: 'page',
      turn: this.state.turn,
      items: names.map((name) => named(name, '5')),
      resourceVersion: '9',
      continue: token,
    });
  }

  /** What was told, as `init`, `apply a` … */
  get told(): readonly string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'tell'
        ? [[effect.change.kind, ...('object' in effect.change ? [effect.change.object.metadata.name] : [])].join(' ')]
        : [],
    );
  }

  get asked(): readonly string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'watch'
        ? [`watch ${effect.resourceVersion ?? 'all'}`]
        : effect.kind === 'list'
          ? [`list ${effect.continue ?? 'all'}`]
          : [],
    );
  }

  get timerMs(): number | undefined {
    return this.effects.findLast((effect) => effect.kind === 'timer')?.ms;
  }
}

/** Synced at version 9. */
const watching = (): Machine => new Machine().start().bookmark('9', true);

const refusal = (status: number, retryAfter?: string): ApiError => apiErrorOf({ code: status }, status, retryAfter);

describe('the reflector', () => {
  it('1. asks for page after page, and tells the end of the list after the last', () => {
    const machine = new Machine().start().fail(refusal(422));
    expect(machine.asked).toEqual(['list all']);
    expect(machine.page(['a', 'b'], 'token').told).toEqual(['init-apply a', 'init-apply b']);
    expect(machine.asked).toEqual(['list token']);
    expect(machine.page(['c']).told).toEqual(['init-apply c', 'init-done']);
    expect(machine.asked).toEqual(['watch 9']);
  });

  it('1. begins the list anew when its token is too old, and tells no end before', () => {
    const machine = new Machine().start().fail(refusal(400)).page(['a'], 'token').fail(refusal(410));
    expect(machine.told).toEqual(['init']);
    expect(machine.asked).toEqual(['list all']);
    expect(machine.page(['b']).told).toEqual(['init-apply b', 'init-done']);
  });

  it('2. begins with a streaming list, whose end a bookmark marks', () => {
    const machine = new Machine().start();
    expect(machine.asked).toEqual(['watch all']);
    expect(machine.told).toEqual(['init']);
    expect(machine.see('ADDED', named('a', '3')).told).toEqual(['init-apply a']);
    expect(machine.bookmark('4').told).toEqual([]);
    expect(machine.state.isSynced).toBe(false);
    expect(machine.bookmark('9', true).told).toEqual(['init-done']);
    expect(machine.state).toMatchObject({ isSynced: true, resourceVersion: '9' });
    expect(machine.see('MODIFIED', named('a', '10')).told).toEqual(['apply a']);
  });

  it.each([400, 422])('2. lists by pages from then on when the server answers the streaming list with %d', (status) => {
    const machine = new Machine().start().fail(refusal(status));
    expect(machine.asked).toEqual(['list all']);
    machine.page([]).error(refusal(410));
    expect(machine.asked).toEqual(['list all']);
  });

  it('2. lists by pages when no end of the streaming list comes in 10 s of silence', () => {
    const machine = new Machine().start();
    expect(machine.timerMs).toBe(10_000);
    machine.now = 6_000;
    machine.see('ADDED', named('a', '3'));
    expect(machine.time(4_000).timerMs).toBe(6_000);
    expect(machine.asked).toEqual([]);
    machine.time(6_000);
    expect(machine.effects[0]).toEqual({ kind: 'abandon' });
    expect(machine.asked).toEqual(['list all']);
  });

  it('2. lists by pages when events never leave it 10 s of silence for a minute', () => {
    const machine = new Machine().start();
    for (let second = 1; second <= 59; second += 1) {
      machine.now = second * 1_000;
      machine.see('MODIFIED', named('a', String(second)));
    }
    expect(machine.time(0).asked).toEqual([]);
    expect(machine.time(1_000).asked).toEqual(['list all']);
  });

  it('3. tells what is deleted while the state is being told', () => {
    const machine = new Machine().start().see('ADDED', named('a', '3'));
    expect(machine.see('DELETED', named('a', '4')).told).toEqual(['init-delete a']);
  });

  it('3. begins the telling anew when the stream breaks in the middle', () => {
    const machine = new Machine().start().see('ADDED', named('a', '3')).fail(new TransportError('reset', 'gone'));
    expect(machine.state.phase).toBe('waiting');
    expect(machine.time(800).told).toEqual(['init']);
  });

  it.each([
    [0, 290],
    [0.5, 293],
    [0.999, 295],
  ])('4. asks for a watch of 290 to 295 s: with chance %d for %d s', (chance, seconds) => {
    const machine = new Machine();
    machine.chance = chance;
    machine.start();
    expect(machine.effects.findLast((effect) => effect.kind === 'watch')?.timeoutSeconds).toBe(seconds);
  });

  it('4. goes on from the version of the last event or bookmark, whatever it looks like', () => {
    const machine = watching().see('ADDED', named('a', 'not-a-number')).end();
    expect(machine.asked).toEqual(['watch not-a-number']);
    expect(machine.bookmark('0').end().asked).toEqual(['watch 0']);
    expect(machine.see('DELETED', named('a', '7')).end().asked).toEqual(['watch 7']);
  });

  it('5. asks again at once when a watch ends, and waits longer and longer when they end quickly', () => {
    const machine = watching().end();
    expect(machine.asked).toEqual(['watch 9']);
    expect(machine.end().asked).toEqual(['watch 9']);
    const waits: (number | undefined)[] = [];
    for (let count = 0; count < 8; count += 1) {
      waits.push(machine.end().timerMs);
      machine.time(waits.at(-1) ?? 0);
      expect(machine.asked).toEqual(['watch 9']);
    }
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('5. asks at once again after an event, and after a watch that lasted', () => {
    const machine = watching().end().end().end();
    machine.time(machine.timerMs ?? 0).see('MODIFIED', named('a', '10'));
    expect(machine.end().asked).toEqual(['watch 10']);
    expect(machine.end().asked).toEqual(['watch 10']);
    machine.now += 290_000;
    expect(machine.end().asked).toEqual(['watch 10']);
  });

  it('5. waits up to half the time less, by chance', () => {
    const machine = watching().end().end();
    machine.chance = 1;
    expect(machine.end().timerMs).toBe(400);
  });

  it('2. begins the first watch after half an hour with the whole state again, which brings what was lost on the way', () => {
    const machine = watching();
    machine.now = 1_799_999;
    expect(machine.bookmark('9').end().asked).toEqual(['watch 9']);
    machine.now = 1_800_000;
    expect(machine.bookmark('9').end().asked).toEqual(['watch all']);
    expect(machine.told).toEqual(['init']);
    expect(machine.state.isSynced).toBe(true);
    expect(machine.see('ADDED', named('lost', '7')).told).toEqual(['init-apply lost']);
    expect(machine.bookmark('12', true).told).toEqual(['init-done']);
    expect(machine.end().asked).toEqual(['watch 12']);
    machine.now += 1_800_000;
    expect(machine.end().asked).toEqual(['watch all']);
  });

  it('2. does that after up to an hour, by chance, and after a broken connection, too', () => {
    const machine = new Machine();
    machine.chance = 0.5;
    machine.start().bookmark('9', true);
    machine.now = 2_699_999;
    machine.see('MODIFIED', named('a', '10'));
    expect(machine.fail(new TransportError('reset', 'gone')).asked).toEqual(['watch 10']);
    machine.now = 2_700_000;
    machine.see('MODIFIED', named('a', '11'));
    expect(machine.fail(new TransportError('reset', 'gone')).asked).toEqual(['watch all']);
  });

  it('2. does not ask for it while something is wrong, nor where lists come in pages', () => {
    const troubled = watching();
    troubled.now = 1_800_000;
    troubled.fail(refusal(503, '1'));
    expect(troubled.time(troubled.timerMs ?? 0).asked).toEqual(['watch 9']);
    const paged = new Machine().start().fail(refusal(400)).page([]);
    paged.now = 3_600_000;
    expect(paged.bookmark('10').end().asked).toEqual(['watch 10']);
    // One that was only too slow at the start.
    const slow = new Machine().start().time(10_000).page([]);
    slow.now = 3_600_000;
    expect(slow.bookmark('10').end().asked).toEqual(['watch all']);
  });

  it.each<[string, (machine: Machine) => Machine]>([
    ['ends', (machine) => machine.end()],
    ['is silent for 10 s', (machine) => machine.time(10_000)],
    ['is of an option that the server does not know any more', (machine) => machine.fail(refusal(400))],
  ])('2. goes on from where it was, and tries no sooner again, when that stream %s', (_what, happens) => {
    const machine = watching();
    machine.now = 1_800_000;
    machine.bookmark('9').end().see('ADDED', named('half', '7'));
    happens(machine);
    expect(machine.told).toEqual(['init-cancelled']);
    expect(machine.asked).toEqual(['watch 9']);
    machine.now += 1_700_000;
    expect(machine.see('MODIFIED', named('a', '10')).end().asked).toEqual(['watch 10']);
  });

  it.each<[string, Error, number]>([
    ['breaks', new TransportError('reset', 'gone'), 800],
    ['is refused for some time', refusal(429, '7'), 7_000],
  ])('2. and waits as after any other failure when it %s', (_what, error, waitMs) => {
    const machine = watching();
    machine.now = 1_800_000;
    machine.bookmark('9').end().fail(error);
    expect(machine.told).toEqual(['init-cancelled']);
    expect(machine.timerMs).toBe(waitMs);
    expect(machine.time(waitMs).asked).toEqual(['watch 9']);
    machine.now += 1_700_000;
    expect(machine.see('MODIFIED', named('a', '10')).end().asked).toEqual(['watch 10']);
  });

  it('6. lists again when the watch says 410, in the stream or as its answer', () => {
    for (const machine of [watching().error(refusal(410)), watching().fail(refusal(410))]) {
      expect(machine.told).toEqual(['init']);
      expect(machine.asked).toEqual(['watch all']);
    }
  });

  it('6. waits before the second list in a row whose version is too old at once', () => {
    const machine = watching().error(refusal(410)).error(refusal(410));
    expect(machine.timerMs).toBe(800);
    expect(machine.time(800).asked).toEqual(['watch all']);
  });

  it('6. reports another error of the watch, and goes on from where it was', () => {
    const machine = watching().error(refusal(500));
    expect(machine.effects[0]).toMatchObject({ kind: 'report', error: { status: 500 }, retryMs: 800 });
    expect(machine.time(800).asked).toEqual(['watch 9']);
    expect(machine.state.failure).toMatchObject({ status: 500 });
    expect(machine.bookmark('10').state.failure).toBeUndefined();
  });

  it('6. lists again when nothing but errors comes from a version', () => {
    const machine = watching().error(refusal(500)).time(800).error(refusal(500)).time(1_600).error(refusal(500));
    expect(machine.time(machine.timerMs ?? 0).asked).toEqual(['watch all']);
  });

  it('6. lists again when the server does not know the version yet', () => {
    const tooLarge = apiErrorOf({ code: 504, details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }, 504);
    expect(watching().error(tooLarge).asked).toEqual(['watch all']);
  });

  it('6. keeps asking slowly while it is forbidden, and shows why', () => {
    const machine = watching().fail(refusal(403));
    // An API server that has just started refuses what it will allow in a moment.
    expect(machine.timerMs).toBe(800);
    machine.time(800).fail(refusal(403)).time(1_600).fail(refusal(403)).time(3_200).fail(refusal(403));
    expect(machine.timerMs).toBe(30_000);
    expect(machine.time(30_000).fail(refusal(403)).timerMs).toBe(30_000);
    expect(machine.state.failure).toMatchObject({ status: 403 });
  });

  it.each([429, 503])('6. waits as long as a %d asks for', (status) => {
    const machine = watching().fail(refusal(status, '7'));
    expect(machine.timerMs).toBe(7_000);
    machine.chance = 1;
    expect(machine.time(7_000).fail(refusal(status, '7')).timerMs).toBeCloseTo(7_700);
  });

  it('6. does not list again for an API server that is only overloaded or gone', () => {
    const machine = watching();
    for (let count = 0; count < 10; count += 1) {
      machine.fail(count % 2 === 0 ? refusal(503) : new TransportError('connect', 'refused'));
      machine.time(machine.timerMs ?? 0);
      expect(machine.asked).toEqual(['watch 9']);
    }
  });

  it('7. asks again at once when the connection was found half open', () => {
    const machine = watching().fail(new TransportError('silent', 'no byte in 60 s'));
    expect(machine.asked).toEqual(['watch 9']);
  });

  it('7. gives up a watch in which even bookmarks are missing', () => {
    const machine = watching();
    expect(machine.timerMs).toBe(150_000);
    machine.now = 60_000;
    machine.bookmark('10');
    expect(machine.time(90_000).timerMs).toBe(60_000);
    machine.time(60_000);
    expect(machine.effects[0]).toEqual({ kind: 'abandon' });
    expect(machine.asked).toEqual(['watch 10']);
  });

  it('7. does not take its own slowness for the silence of the server', () => {
    const machine = watching();
    machine.now = 149_000;
    machine.feed({ kind: 'resumed', turn: machine.state.turn });
    expect(machine.time(1_000).asked).toEqual([]);
  });

  it('8. restarts the watch from the last version after a line that cannot be read', () => {
    const machine = watching().see('ADDED', named('a', '10'));
    machine.fail(new BadLine('no JSON', Buffer.from('<html>')));
    expect(machine.effects[0]).toMatchObject({ kind: 'report', error: { excerpt: '<html>' } });
    expect(machine.time(machine.timerMs ?? 0).asked).toEqual(['watch 10']);
  });

  it('8. lists again when the same version brings such a line again and again', () => {
    const machine = watching();
    for (let count = 0; count < 3; count += 1) {
      machine.fail(new BadLine('no JSON', Buffer.from('<html>')));
      machine.time(machine.timerMs ?? 0);
    }
    expect(machine.asked).toEqual(['watch all']);
  });

  it('heeds nothing of a request that it has given up', () => {
    const machine = watching();
    const { turn } = machine.state;
    machine.end();
    const { state } = machine;
    machine.feed({ kind: 'event', turn, event: { type: 'DELETED', object: named('a', '99') } });
    machine.feed({ kind: 'failed', turn, error: new Error('late') });
    machine.feed({ kind: 'time', turn });
    expect(machine.state).toBe(state);
  });

  it('does nothing any more when it has been stopped', () => {
    const machine = watching().feed({ kind: 'stop' });
    expect(machine.effects).toEqual([{ kind: 'abandon' }]);
    expect(machine.start().effects).toEqual([]);
    expect(machine.time(0).effects).toEqual([]);
  });
});
