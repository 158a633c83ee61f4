// Guests of WASI 0.3: one asynchronous function from request to response (spin-contract.md §3.1, §3.4, §4.13).
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask, BodyReader, open, readWhole, responseTo } from './client.ts';
import { serveComponents, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveComponents(
    [
      { id: 'sp3', route: '/...', source: await fixturePath('sp3') },
      { id: 'rhello', route: '/rhello/...', source: await fixturePath('rhello') },
    ],
    {
      application: '[variables]\ncolour = { default = "teal" }',
      component:
        'key_value_stores = ["default"]\nallowed_outbound_hosts = ["http://127.0.0.1:*", "http://self", "http://*.spin.internal"]\n' +
        'variables = { colour = "{{ colour }}" }',
    },
  );
});

afterAll(() => served?.stop());

describe('a guest of WASI 0.3', () => {
  it('answers', async () => {
    expect(await ask(served.port, '/')).toMatchObject({ status: 200, body: 'Hello from WASI 0.3!\n' });
  });

  it('has fresh state for each request', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(served.port, '/state')));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['1\n']));
  });

  it('asks for what is not there, and says so', async () => {
    expect(await ask(served.port, '/nowhere')).toMatchObject({ status: 404, body: 'no such path\n' });
  });

  it('waits, and a hundred of them wait together', async () => {
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(served.port, '/sleep?300')));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['slept\n']));
    // One after the other they would take 30 s.
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('gives a body back piece by piece', async () => {
    const client = open(served.port, '/echo', { method: 'POST' });
    client.write('zero');
    const reader = new BodyReader(await responseTo(client));
    await reader.until(4);
    for (const piece of ['one', 'two', 'three']) {
      client.write(piece);
      await reader.until(reader.text.length + piece.length);
    }
    client.end();
    expect(await reader.whole()).toBe('whole');
    expect(reader.text).toBe('zeroonetwothree');
  });

  it('gives ten megabytes back whole', async () => {
    const bytes = randomBytes(10 * 1_048_576);
    const client = open(served.port, '/echo', { method: 'POST' });
    const response = responseTo(client);
    client.end(bytes);
    const digest = createHash('sha256');
    for await (const piece of await response) {
      digest.update(piece as Buffer);
    }
    expect(digest.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('brings trailers back', async () => {
    const client = open(served.port, '/echo', { method: 'POST', headers: { trailer: 'x-sum' } });
    client.write('body');
    client.addTrailers({ 'x-sum': '42' });
    client.end();
    expect(await readWhole(await responseTo(client))).toMatchObject({ body: 'body', trailers: { 'x-sum': '42' } });
  });

  it('fetches from other components', async () => {
    expect(await ask(served.port, '/get?http://rhello.spin.internal/')).toMatchObject({ status: 200 });
  });

  it('fetches from itself over the network, twice at once', async () => {
    expect(await ask(served.port, `/get?${served.baseUrl}/`)).toMatchObject({ body: 'Hello from WASI 0.3!\n' });
    expect(await ask(served.port, `/both?${served.baseUrl}/`)).toMatchObject({ body: '200 200\n' });
  });

  it('is told by a code where it may not go', async () => {
    expect(await ask(served.port, '/both?http://10.1.2.3/')).toMatchObject({
      body: 'error ErrorCode::HttpRequestDenied error ErrorCode::HttpRequestDenied\n',
    });
  });

  it('counts in a store', async () => {
    const first = Number((await ask(served.port, '/visits')).body);
    expect(Number((await ask(served.port, '/visits')).body)).toBe(first + 1);
  });

  it('reads variables, and hears which there are not', async () => {
    expect(await ask(served.port, '/var/colour')).toMatchObject({ body: 'teal\n' });
    expect((await ask(served.port, '/var/shade')).body).toContain('error');
  });

  it('has failed in none of this', () => {
    expect(served.errors).toEqual([]);
  });
});
