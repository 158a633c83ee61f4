import type { KubeClient } from '@spindle/kube';
import { describe, expect, it } from 'vitest';
import { AccessReviewer, type Access } from './access-review.ts';

interface Asked {
  readonly spec: Readonly<Record<string, unknown>>;
}

function reviewer(): { readonly ask: (header?: string) => Promise<Access>; readonly asked: Asked[]; now: number } {
  const state = { now: 0 };
  const asked: Asked[] = [];
  const client = {
    create: (_type: unknown, review: Asked) => {
      asked.push(review);
      const { token, user } = review.spec;
      return Promise.resolve(
        token === undefined
          ? { status: { allowed: user === 'prometheus' } }
          : { status: { authenticated: token !== 'bad', user: { username: token, groups: ['g'] } } },
      );
    },
  } as unknown as Pick<KubeClient, 'create'>;
  const clock = { now: () => state.now, date: () => new Date(0), after: () => () => {} };
  const access = new AccessReviewer(client, clock);
  return Object.assign(state, { asked, ask: (header?: string) => access.review(header, '/metrics') });
}

describe('whoever asks for the metrics', () => {
  it.each<[string | undefined, Access]>([
    [undefined, { kind: 'anonymous' }],
    ['Basic dXNlcg==', { kind: 'anonymous' }],
    ['Bearer ', { kind: 'anonymous' }],
    ['Bearer bad', { kind: 'unknown' }],
    ['Bearer visitor', { kind: 'denied', user: 'visitor' }],
    ['bearer prometheus', { kind: 'allowed' }],
  ])('with %j is %j', async (header, access) => {
    expect(await reviewer().ask(header)).toEqual(access);
  });

  it('is known by the cluster, which is asked with all that it said of the token', async () => {
    const { ask, asked } = reviewer();
    await ask('Bearer prometheus');
    expect(asked.map(({ spec }) => spec)).toEqual([
      { token: 'prometheus' },
      {
        user: 'prometheus',
        groups: ['g'],
        uid: undefined,
        extra: undefined,
        nonResourceAttributes: { path: '/metrics', verb: 'get' },
      },
    ]);
  });

  it('is asked about once a minute, or once in half a minute when the answer was no', async () => {
    const state = reviewer();
    await state.ask('Bearer prometheus');
    await state.ask('Bearer bad');
    state.now = 29_000;
    await state.ask('Bearer prometheus');
    await state.ask('Bearer bad');
    expect(state.asked).toHaveLength(3);
    state.now = 31_000;
    await state.ask('Bearer prometheus');
    await state.ask('Bearer bad');
    expect(state.asked).toHaveLength(4);
    state.now = 61_000;
    await state.ask('Bearer prometheus');
    expect(state.asked).toHaveLength(6);
  });
});
