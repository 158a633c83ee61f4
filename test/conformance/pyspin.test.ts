// A component of Spin's Python SDK: it imports all of Spin's world and WASI in both releases, and is called asynchronously.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveGuest('pyspin', {
    application: '[variables]\ncolour = { default = "teal" }',
    component:
      'key_value_stores = ["default"]\nallowed_outbound_hosts = ["http://127.0.0.1:*"]\nvariables = { colour = "{{ colour }}" }',
  });
}, 120_000);

afterAll(() => served?.stop());

describe("a guest of Spin's Python SDK", () => {
  it.each([
    ['/', 'Hello from Python!\n'],
    ['/kv', 'one'],
    ['/var?colour', 'teal'],
  ])('answers %s', async (path, body) => {
    expect(await ask(served.port, path)).toMatchObject({ status: 200, body });
  });

  it('gives a body back', async () => {
    const text = 'body '.repeat(20_000);
    expect(await ask(served.port, '/echo', { method: 'POST', body: text })).toMatchObject({ status: 200, body: text });
  });

  it('fetches', async () => {
    expect(await ask(served.port, `/get?${served.baseUrl}/`)).toMatchObject({ body: '200 Hello from Python!\n' });
  });

  it('answers many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(served.port, '/kv')));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['one']));
  });

  it('that raises gives 500, and the next request finds it whole', async () => {
    expect((await ask(served.port, '/fail')).status).toBe(500);
    expect(await ask(served.port, '/')).toMatchObject({ status: 200 });
  });
});
