// A JavaScript engine as a guest: the fetch event, streams, timers and outgoing requests of componentize-js.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, BodyReader, open, responseTo } from './client.ts';
import { eventually } from './eventually.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';
import { holdingUpstream, upstream, type HoldingUpstream, type Upstream } from './upstream.ts';

let served: ServedGuest;
let held: HoldingUpstream;
let plain: Upstream;

beforeAll(async () => {
  held = await holdingUpstream();
  plain = await upstream((_request, response) => response.end('from upstream'));
  served = await serveGuest('jshello', { component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' });
});

afterAll(async () => {
  await served?.stop();
  await held?.close();
  await plain?.close();
});

const bodyOf = async (path: string): Promise<string | undefined> => (await ask(served.port, path)).body;

describe('a guest in JavaScript', () => {
  it('answers, and sees the headers of the request', async () => {
    expect(await bodyOf('/some/path')).toBe('Hello from JS! /some/path\n');
    const { body } = await ask(served.port, '/headers', { headers: { 'x-a': '1' } });
    const headers = new Map(JSON.parse(body ?? '') as [string, string][]);
    expect(headers.get('x-a')).toBe('1');
    expect(headers.get('spin-full-url')).toBe(`${served.baseUrl}/headers`);
  });

  it('streams an answer', async () => {
    expect(await bodyOf('/stream?count=3&ms=1')).toBe('chunk 0\nchunk 1\nchunk 2\n');
  });

  it('streams a request back piece by piece', async () => {
    const client = open(served.port, '/echo', { method: 'POST' });
    client.write('one');
    const reader = new BodyReader(await responseTo(client));
    expect(await reader.until(3)).toBe('one');
    client.write('two');
    expect(await reader.until(6)).toBe('onetwo');
    client.end();
    expect(await reader.whole()).toBe('whole');
  });

  it('has its requests under way at the same time', async () => {
    const answer = bodyOf(`/fanout?url=${held.url}/a&url=${held.url}/b&url=http://denied.example/`);
    await eventually(() => held.held.length === 2);
    for (const { response } of held.held) {
      response.end('held');
    }
    expect(await answer).toMatch(/^200 4\n200 4\nerror .+\n$/);
  });

  it('passes an answer through', async () => {
    expect(await bodyOf(`/proxy?url=${plain.url}/`)).toBe('from upstream');
  });

  it('is a new one for each request, also for many at once', async () => {
    const counts = await Promise.all(Array.from({ length: 10 }, () => bodyOf('/state')));
    expect(new Set(counts)).toEqual(new Set(['1\n']));
    const numbers = await Promise.all(Array.from({ length: 5 }, () => bodyOf('/random')));
    expect(new Set(numbers.flatMap((text) => text?.trim().split('\n'))).size).toBe(10);
  });

  it('tells the time', async () => {
    const before = Date.now();
    const [wall] = ((await bodyOf('/clock')) ?? '').split('\n');
    expect(Number(wall)).toBeGreaterThanOrEqual(before);
    expect(Number(wall)).toBeLessThanOrEqual(Date.now());
  });

  it('prints to its own output, also why it failed', async () => {
    expect(await bodyOf('/log')).toBe('logged\n');
    expect(served.output()).toContain('to the output\n');
    expect(served.output()).toContain('to the error output\n');
    expect((await ask(served.port, '/throw')).status).toBe(500);
    expect(served.output()).toContain('the guest was told to fail');
  });

  // A promise that nobody will ever keep: the engine sees that nothing is left to wait for.
  it('that never answers does not hold its client', async () => {
    expect((await ask(served.port, '/never')).status).toBe(500);
    expect(await bodyOf('/')).toBe('Hello from JS! /\n');
  });
});
