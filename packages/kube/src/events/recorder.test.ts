// kube-client 21 under a fake clock: series, bursts, and what happens when the API server is away.
import { describe, expect, it } from 'vitest';
import { createClient } from '../client/kube-client.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { ApiError, TransportError } from '../transport/errors.ts';
import type { AnswerRequest } from '../transport/types.ts';
import type { Occurrence } from './event.ts';
import { createEventRecorder, type EventRecorder } from './recorder.ts';

interface World {
  readonly clock: FakeClock;
  readonly recorder: EventRecorder;
  readonly requests: AnswerRequest[];
  readonly dropped: string[];
  answer: (request: AnswerRequest) => unknown;
}

function world(): World {
  const clock = new FakeClock('2026-01-01T00:00:00Z');
  const requests: AnswerRequest[] = [];
  const dropped: string[] = [];
  const state: Pick<World, 'answer'> = { answer: () => undefined };
  let unique = 0n;
  const client = createClient(
    {
      request: async (request) => {
        requests.push(request);
        const failure = await state.answer(request);
        if (failure !== undefined) {
          throw failure;
        }
        return { status: 201, body: { metadata: {}, ...Object(request.body) } };
      },
      stream: () => Promise.reject(new Error('no recorder watches')),
      close: () => Promise.resolve(),
    },
    { fieldManager: 'test' },
  );
  const recorder = createEventRecorder({
    client,
    reporter: { controller: 'example.com/test', instance: 'test-1' },
    clock,
    unique: () => (unique += 1n),
    observer: { eventDropped: (why) => dropped.push(why) },
  });
  return Object.assign(state, { clock, recorder, requests, dropped });
}

const occurrence = (over: Partial<Occurrence> = {}): Occurrence => ({
  regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'test', name: 'hello', uid: 'u-1' },
  type: 'Normal',
  reason: 'Created',
  action: 'Create',
  note: 'it was made',
  ...over,
});

const unavailable = new ApiError('down', { status: 503, reason: 'ServiceUnavailable', retry: { afterMs: 5_000 } });

describe('21: an event recorder', () => {
  it('writes an event at once, though after what is under way', async () => {
    const { clock, recorder, requests } = world();
    recorder.note(occurrence());
    expect(requests).toEqual([]);
    await clock.advance(0);
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/apis/events.k8s.io/v1/namespaces/test/events',
        body: {
          metadata: { name: 'hello.0000000000000001', namespace: 'test' },
          eventTime: '2026-01-01T00:00:00.000000Z',
          reportingController: 'example.com/test',
          reportingInstance: 'test-1',
          reason: 'Created',
          action: 'Create',
          note: 'it was made',
          type: 'Normal',
          regarding: occurrence().regarding,
        },
      },
    ]);
  });

  it('makes a series of the same thing said again: told after 10 s, then once a minute', async () => {
    const { clock, recorder, requests } = world();
    for (let second = 0; second < 180; second += 1) {
      recorder.note(occurrence());
      await clock.advance(1_000);
    }
    expect(requests.map(({ method, body }) => [method, Object(body).series])).toEqual([
      ['POST', undefined],
      ['PATCH', { count: 10, lastObservedTime: '2026-01-01T00:00:09.000000Z' }],
      ['PATCH', { count: 70, lastObservedTime: '2026-01-01T00:01:09.000000Z' }],
      ['PATCH', { count: 130, lastObservedTime: '2026-01-01T00:02:09.000000Z' }],
    ]);
    expect(requests[1]?.path).toBe('/apis/events.k8s.io/v1/namespaces/test/events/hello.0000000000000001');
  });

  it.each<[string, Partial<Occurrence>]>([
    ['object', { regarding: { ...occurrence().regarding, uid: 'u-2' } }],
    ['reason', { reason: 'Other' }],
    ['note', { note: 'other' }],
    ['type', { type: 'Warning' }],
  ])('begins another event for another %s', async (_what, over) => {
    const { clock, recorder, requests } = world();
    recorder.note(occurrence());
    recorder.note(occurrence(over));
    await clock.advance(0);
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('begins another event when the series has said nothing for 6 minutes', async () => {
    const { clock, recorder, requests } = world();
    recorder.note(occurrence());
    await clock.advance(6 * 60_000);
    recorder.note(occurrence());
    await clock.advance(0);
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('lets an object have 25 events at once and then one each 5 minutes, and others theirs', async () => {
    const { clock, recorder, requests, dropped } = world();
    for (let index = 0; index < 30; index += 1) {
      recorder.note(occurrence({ note: `the ${index}th` }));
    }
    recorder.note(occurrence({ regarding: { ...occurrence().regarding, name: 'other', uid: 'u-2' } }));
    await clock.advance(0);
    expect(requests).toHaveLength(26);
    expect(dropped).toEqual(['burst', 'burst', 'burst', 'burst', 'burst']);
    await clock.advance(300_000);
    recorder.note(occurrence({ note: 'later' }));
    recorder.note(occurrence({ note: 'too many again' }));
    await clock.advance(0);
    expect(requests).toHaveLength(27);
  });

  it('keeps no more than it has room for', () => {
    const { recorder, dropped } = world();
    for (let index = 0; index < 5_000; index += 1) {
      recorder.note(occurrence({ regarding: { ...occurrence().regarding, name: `app-${index}`, uid: `u-${index}` } }));
    }
    expect(dropped).toEqual(Array.from({ length: 5_000 - 4_096 }, () => 'full'));
  });

  it('tries again when the server says, and loses nothing in between', async () => {
    const there = world();
    there.answer = () => unavailable;
    there.recorder.note(occurrence());
    await there.clock.advance(0);
    there.recorder.note(occurrence({ note: 'another' }));
    await there.clock.advance(4_999);
    expect(there.requests).toHaveLength(1);
    there.answer = () => undefined;
    await there.clock.advance(1);
    expect(there.requests.map(({ body }) => Object(body).note)).toEqual(['it was made', 'it was made', 'another']);
  });

  it('backs off from a server that does not answer', async () => {
    const there = world();
    there.answer = () => new TransportError('connect', 'refused');
    there.recorder.note(occurrence());
    await there.clock.advance(15_000);
    // At 0, 1, 3, 7 and 15 s.
    expect(there.requests).toHaveLength(5);
  });

  it('forgets what will never be accepted', async () => {
    const there = world();
    const terminating = new ApiError('being terminated', { status: 403, reason: 'Forbidden', retry: 'backoff' });
    there.answer = ({ body }) => (Object(body).note === 'refused' ? terminating : undefined);
    there.recorder.note(occurrence({ note: 'refused' }));
    there.recorder.note(occurrence());
    await there.clock.advance(60_000);
    expect(there.requests.map(({ body }) => Object(body).note)).toEqual(['refused', 'it was made']);
    expect(there.dropped).toEqual(['refused']);
  });

  it('takes an event that exists as written: the reply was lost', async () => {
    const there = world();
    const exists = new ApiError('exists', { status: 409, reason: 'AlreadyExists', retry: 'backoff' });
    there.answer = () => exists;
    there.recorder.note(occurrence());
    await there.clock.advance(60_000);
    expect(there.requests).toHaveLength(1);
    expect(there.dropped).toEqual([]);
  });

  it('makes an event anew when the API server has forgotten it', async () => {
    const there = world();
    const gone = new ApiError('gone', { status: 404, reason: 'NotFound', retry: 'backoff' });
    there.answer = ({ method }) => (method === 'PATCH' ? gone : undefined);
    there.recorder.note(occurrence());
    await there.clock.advance(0);
    there.recorder.note(occurrence());
    await there.clock.advance(10_000);
    expect(there.requests.map(({ method, body }) => [method, Object(body).series?.count])).toEqual([
      ['POST', undefined],
      ['PATCH', 2],
      ['POST', 2],
    ]);
  });

  it('writes all it has when it is closed, the counts of series too, and nothing after that', async () => {
    const { clock, recorder, requests } = world();
    recorder.note(occurrence());
    await clock.advance(0);
    recorder.note(occurrence());
    recorder.note(occurrence({ note: 'last' }));
    await recorder.close(5_000);
    recorder.note(occurrence({ note: 'too late' }));
    await clock.advance(60_000);
    expect(requests.map(({ method, body }) => [method, Object(body).note, Object(body).series?.count])).toEqual([
      ['POST', 'it was made', undefined],
      ['PATCH', undefined, 2],
      ['POST', 'last', undefined],
    ]);
  });

  it('gives up at the deadline of its closing', async () => {
    const there = world();
    there.answer = ({ signal }) =>
      new Promise((resolve) => signal?.addEventListener('abort', () => resolve(signal.reason)));
    there.recorder.note(occurrence());
    let isClosed = false;
    const closed = there.recorder.close(5_000).then(() => (isClosed = true));
    await there.clock.advance(4_999);
    expect(isClosed).toBe(false);
    await there.clock.advance(1);
    await closed;
    expect(there.requests).toHaveLength(1);
  });

  it('cuts a note and words to what the API server takes', async () => {
    const { clock, recorder, requests } = world();
    recorder.note(occurrence({ note: 'é'.repeat(600), reason: 'R'.repeat(200), action: 'A'.repeat(200) }));
    await clock.advance(0);
    const body = Object(requests[0]?.body);
    expect(Buffer.byteLength(body.note)).toBeLessThanOrEqual(1024);
    expect(body.note).toMatch(/^é+…$/);
    expect([body.reason.length, body.action.length]).toEqual([128, 128]);
  });
});
