import { describe, expect, it } from 'vitest';
import { fakeGuest } from '../testing/fake-guest.ts';
import { Guest } from '../guest.ts';
import { BodyChannel } from './body-channel.ts';
import {
  callLocal,
  MAX_DEPTH,
  type LocalComponents,
  type LocalRequest,
  type TakeResponse,
} from './local-components.ts';

/** Components that do nothing by themselves. */
function hand(): {
  components: LocalComponents;
  calls: { request: LocalRequest; respond: TakeResponse }[];
  ended: Error[];
} {
  const calls: { request: LocalRequest; respond: TakeResponse }[] = [];
  const ended: Error[] = [];
  return {
    calls,
    ended,
    components: {
      has: () => true,
      call: (_id, request, respond) => {
        calls.push({ request, respond });
        return (reason) => ended.push(reason);
      },
      callSelf: () => {
        throw new Error('nobody calls the app itself');
      },
    },
  };
}

const request = {
  componentId: 'other',
  method: 'GET',
  pathWithQuery: '/',
  authority: 'other.spin.internal',
  headers: [],
  body: undefined,
  firstByteMs: 600_000,
} as const;

const caller = (depth?: number, signal = new AbortController().signal): Guest =>
  new Guest(fakeGuest().component, { signal, ...(depth === undefined ? {} : { depth }) });

describe('a call of another component', () => {
  it('is one deeper than the call that makes it', () => {
    const { components, calls } = hand();
    callLocal(components, caller(), request);
    callLocal(components, caller(7), request);
    expect(calls.map((call) => call.request.depth)).toEqual([1, 8]);
  });

  it('is refused when components have called each other too often', () => {
    const { components, calls } = hand();
    const future = callLocal(components, caller(MAX_DEPTH), request);
    expect(future.get()).toEqual({ tag: 'ok', val: { tag: 'err', val: { tag: 'loop-detected' } } });
    expect(calls).toEqual([]);
  });

  it('ends with its caller, and when nobody wants the answer', async () => {
    const { components, ended } = hand();
    const client = new AbortController();
    const future = callLocal(components, caller(0, client.signal), request);
    client.abort();
    await future.wait();
    expect(future.get()).toEqual({ tag: 'ok', val: { tag: 'err', val: { tag: 'connection-terminated' } } });
    callLocal(components, caller(), request)[Symbol.dispose]();
    expect(ended).toHaveLength(2);
  });

  it('gives what the other answers', async () => {
    const { components, calls } = hand();
    const future = callLocal(components, caller(), request);
    calls[0]?.respond({ status: 207, headers: [] }, new BodyChannel().body);
    await future.wait();
    const answer = future.get();
    expect(answer?.tag === 'ok' && answer.val.tag === 'ok' && answer.val.val.status()).toBe(207);
  });
});
