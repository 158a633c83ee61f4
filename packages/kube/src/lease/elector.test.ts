// kube-client 19 under a fake clock: every transition of an elector, and that two never lead at once.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { LeaseServer, type Fault } from '../test-support/lease-server.ts';
import { startElector, type Elector } from './elector.ts';
import type { Leadership } from './leadership.ts';

interface Candidate {
  readonly elector: Elector;
  readonly log: string[];
  term: Leadership | undefined;
  fault: Fault;
}

interface World {
  readonly clock: FakeClock;
  readonly server: LeaseServer;
  enter(identity: string, random?: number): Candidate;
}

function world(): World {
  const clock = new FakeClock('2026-01-01T00:00:00Z');
  const server = new LeaseServer();
  return {
    clock,
    server,
    enter(identity, random = 0) {
      const log: string[] = [];
      const state: Pick<Candidate, 'term' | 'fault'> = { term: undefined, fault: 'ok' };
      const elector = startElector({
        client: createClient(
          server.transport(clock, () => state.fault),
          { fieldManager: 'x' },
        ),
        lease: { namespace: 'test', name: 'leader' },
        identity,
        clock,
        random: () => random,
        onLost: (why) => log.push(`lost: ${why}`),
        onError: () => log.push('error'),
        observer: { leadershipChanged: (lease, isLeader) => log.push(`${lease} ${isLeader}`) },
      });
      elector.elected.then(
        (term) => (state.term = term),
        () => log.push('never elected'),
      );
      return Object.assign(state, { elector, log });
    },
  };
}

const NOT_RENEWED = 'lost: the lease was not renewed for 10 s';
const OTHER = { holderIdentity: 'other', leaseDurationSeconds: 15, leaseTransitions: 3 };

describe('19: an elector', () => {
  it('makes the lease where there is none, and leads', async () => {
    const { clock, server, enter } = world();
    const { elector, log } = enter('me');
    await clock.advance(0);
    expect((await elector.elected).isHeld()).toBe(true);
    expect(server.lease?.spec).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    expect(log).toEqual(['leader true']);
  });

  it('renews every 2 s with one request, and keeps the time of acquisition', async () => {
    const { clock, server, enter } = world();
    const { elector } = enter('me');
    await clock.advance(20_000);
    expect(server.writes).toHaveLength(11);
    expect(server.lease?.spec).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:20.000000Z',
      leaseTransitions: 0,
    });
    expect((await elector.elected).remainingMs()).toBe(10_000);
  });

  it.each(['2020-01-01T00:00:00.000000Z', '2030-01-01T00:00:00.000000Z'])(
    "takes another's lease 15 s after its last change was seen, though that says %s",
    async (renewTime) => {
      const { clock, server, enter } = world();
      server.write({ ...OTHER, renewTime });
      const candidate = enter('me');
      await clock.advance(13_999);
      server.write({ ...OTHER, renewTime: `${renewTime} and later` });
      await clock.advance(16_000);
      expect(candidate.term).toBeUndefined();
      await clock.advance(2_000);
      expect(candidate.term?.isHeld()).toBe(true);
      expect(server.lease?.spec).toMatchObject({ holderIdentity: 'me', leaseTransitions: 4 });
    },
  );

  it("waits as long as the other's lease says, not as its own would", async () => {
    const { clock, server, enter } = world();
    server.write({ ...OTHER, leaseDurationSeconds: 60 });
    const candidate = enter('me');
    await clock.advance(59_999);
    expect(candidate.term).toBeUndefined();
    await clock.advance(2_000);
    expect(candidate.term?.isHeld()).toBe(true);
  });

  it("counts as a change only the holder's own words", async () => {
    const { clock, server, enter } = world();
    server.write(OTHER);
    const candidate = enter('me');
    for (let second = 0; second < 15; second += 1) {
      await clock.advance(1_000);
      server.write(OTHER);
    }
    await clock.advance(2_000);
    expect(candidate.term?.isHeld()).toBe(true);
  });

  it.each<[Fault]>([['refuse'], ['hang'], ['lost']])(
    'stops to lead 10 s after its last renewal was sent when the API server goes (%s)',
    async (fault) => {
      const { clock, enter } = world();
      const candidate = enter('me');
      await clock.advance(4_000);
      candidate.fault = fault;
      const term = await candidate.elector.elected;
      await clock.advance(9_999);
      expect([term.isHeld(), term.signal.aborted]).toEqual([true, false]);
      await clock.advance(1);
      expect([term.isHeld(), term.signal.aborted, term.signal.reason.name]).toEqual([false, true, 'NotLeader']);
      expect(candidate.log.filter((line) => line !== 'error')).toEqual(['leader true', 'leader false', NOT_RENEWED]);
      await candidate.elector.stop();
    },
  );

  it('leads on when the API server comes back in time', async () => {
    const { clock, enter } = world();
    const candidate = enter('me');
    await clock.advance(2_000);
    candidate.fault = 'hang';
    await clock.advance(5_000);
    candidate.fault = 'ok';
    await clock.advance(20_000);
    expect(candidate.term?.isHeld()).toBe(true);
    expect(candidate.log.filter((line) => line !== 'error')).toEqual(['leader true']);
  });

  it('leads on when the reply to a renewal was lost', async () => {
    const { clock, server, enter } = world();
    const candidate = enter('me');
    await clock.advance(2_000);
    candidate.fault = 'lost';
    await clock.advance(2_000);
    candidate.fault = 'ok';
    await clock.advance(20_000);
    expect(candidate.term?.isHeld()).toBe(true);
    expect(server.lease?.spec?.leaseTransitions).toBe(0);
  });

  it('leads after the reply to its taking was lost, without a second transition', async () => {
    const { clock, server, enter } = world();
    server.write({ ...OTHER, holderIdentity: '' });
    const candidate = enter('me');
    candidate.fault = 'lost';
    // The look of the first round is without reply too; the second round looks and takes.
    await clock.advance(4_000);
    candidate.fault = 'ok';
    await clock.advance(10_000);
    expect(candidate.term?.isHeld()).toBe(true);
    expect(server.lease?.spec?.leaseTransitions).toBe(4);
  });

  it.each(['other', ''])('stops to lead as soon as it sees the lease in the hands of %j', async (holderIdentity) => {
    const { clock, server, enter } = world();
    const candidate = enter('me');
    await clock.advance(4_000);
    server.write({ ...OTHER, holderIdentity });
    await clock.advance(4_000);
    expect(candidate.term?.isHeld()).toBe(false);
    expect(candidate.log).toEqual(['leader true', 'error', 'leader false', 'lost: another process holds the lease']);
    expect(server.lease?.spec?.holderIdentity).toBe(holderIdentity);
  });

  it('makes the lease anew when somebody deletes it', async () => {
    const { clock, server, enter } = world();
    const candidate = enter('me');
    await clock.advance(4_000);
    server.lease = undefined;
    await clock.advance(4_000);
    expect(candidate.term?.isHeld()).toBe(true);
    expect(server.lease).toMatchObject({ spec: { holderIdentity: 'me' } });
  });

  it('gives the lease back when it is stopped, so that the next one leads at its next look', async () => {
    const { clock, server, enter } = world();
    const first = enter('first');
    await clock.advance(2_000);
    const second = enter('second');
    await clock.advance(1_000);
    await first.elector.stop();
    expect(server.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(first.term?.isHeld()).toBe(false);
    await clock.advance(2_000);
    expect(second.term?.isHeld()).toBe(true);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
    expect(first.log).toEqual(['leader true', 'leader false']);
  });

  it('gives back what it has taken without knowing: the reply had not come', async () => {
    const clock = new FakeClock('2026-01-01T00:00:00Z');
    const server = new LeaseServer();
    server.write({ ...OTHER, holderIdentity: '' });
    let isFirst = true;
    const loseFirst = (method: string): Fault => (method === 'PUT' && isFirst ? 'lost' : 'ok');
    const elector = startElector({
      client: createClient(server.transport(clock, loseFirst), { fieldManager: 'x' }),
      lease: { namespace: 'test', name: 'leader' },
      identity: 'me',
      clock,
      onLost: () => undefined,
    });
    await clock.advance(1_000);
    expect(server.lease?.spec?.holderIdentity).toBe('me');
    isFirst = false;
    await elector.stop();
    expect(server.lease?.spec?.holderIdentity).toBe('');
    await expect(elector.elected).rejects.toThrow('stopped');
  });

  it('leaves the lease of another alone when it is stopped', async () => {
    const { clock, server, enter } = world();
    server.write(OTHER);
    const candidate = enter('me');
    await clock.advance(5_000);
    await candidate.elector.stop();
    expect(server.lease?.spec).toEqual(OTHER);
    expect(candidate.log).toEqual(['never elected']);
  });

  it('says at every moment by the clock whether it leads, though no timer has run', async () => {
    const clock = new FakeClock('2026-01-01T00:00:00Z');
    const server = new LeaseServer();
    let skipped = 0;
    const late: Clock = {
      now: () => clock.now() + skipped,
      date: () => clock.date(),
      after: (delayMs, task) => clock.after(delayMs, task),
    };
    const elector = startElector({
      client: createClient(server.transport(clock), { fieldManager: 'x' }),
      lease: { namespace: 'test', name: 'leader' },
      identity: 'me',
      clock: late,
      onLost: () => undefined,
    });
    await clock.advance(0);
    const term = await elector.elected;
    skipped = 9_999;
    expect(term.isHeld()).toBe(true);
    skipped = 10_000;
    expect(term.isHeld()).toBe(false);
    await elector.stop();
  });

  it('refuses times by which two could lead', () => {
    const { server, clock } = world();
    const options = {
      client: createClient(server.transport(clock), { fieldManager: 'x' }),
      lease: { namespace: 'test', name: 'leader' },
      identity: 'me',
      clock,
      onLost: () => undefined,
    };
    expect(() => startElector({ ...options, renewDeadlineMs: 15_000 })).toThrow(RangeError);
    expect(() => startElector({ ...options, retryPeriodMs: 10_000 })).toThrow(RangeError);
  });

  it('never leads beside another one, whatever goes wrong', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 12 }), fc.tuple(CHANCE, CHANCE, CHANCE), async (steps, chances) => {
        const { clock, enter } = world();
        const candidates = chances.map((chance, index) => enter(`elector-${index}`, chance));
        for (const { who, fault, stops, waitMs } of steps) {
          const candidate = candidates[who];
          if (candidate !== undefined) {
            candidate.fault = fault;
            void (stops ? candidate.elector.stop() : undefined);
          }
          for (let waited = 0; waited < waitMs; waited += LOOK_MS) {
            await clock.advance(LOOK_MS);
            expect(candidates.filter(({ term }) => term?.isHeld()).length).toBeLessThanOrEqual(1);
          }
        }
        for (const { elector } of candidates) {
          void elector.stop();
        }
        await clock.advance(60_000);
      }),
      { numRuns: 100 },
    );
  });
});

const LOOK_MS = 1999;
const CHANCE = fc.double({ min: 0, max: 0.99, noNaN: true });
const STEP = fc.record({
  who: fc.nat(2),
  fault: fc.constantFrom<Fault>('ok', 'ok', 'refuse', 'lost', 'hang'),
  stops: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  waitMs: fc.integer({ min: 0, max: 20_000 }),
});
