// Guests of WASI 0.3: one asynchronous function from request to response (spin-contract.md §3.1, §3.4, §4.13).
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask, BodyReader, open, readWhole, responseTo } from './client.ts';
import { eventually } from './eventually.ts';
import { serveComponents, serveGuest, type ServedGuest } from './serve-guest.ts';

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

describe('a guest of the asynchronous interfaces', () => {
  let own: ServedGuest;

  beforeAll(async () => {
    own = await serveGuest('r3', {
      component:
        'key_value_stores = ["default"]\nsqlite_databases = ["default"]\nfiles = ["data/*"]\nenvironment = { A = "b" }',
      files: { 'data/one.txt': 'one', 'data/two.txt': 'x'.repeat(300_000) },
      run: { writableMounts: true },
    });
  });

  afterAll(() => own?.stop());

  it.each([
    ['/keys', 'a,c false\n'],
    ['/rows', 'i,name 10000 row 10000 Some(Error::Io("no such table: nowhere"))\n'],
    ['/now', 'true true\n'],
    ['/list?data', 'one.txt DescriptorType::RegularFile, two.txt DescriptorType::RegularFile\n'],
    ['/file?data/one.txt', 'one'],
    ['/write?data/new', 'written and appended\n'],
    ['/print?something', 'printed, read 0 Ok(())\n'],
    ['/env', '[("A", "b")] [] None\n'],
    ['/random', '8 true true\n'],
    ['/fan?1000', '1000\n'],
    ['/leave', 'left\n'],
  ])('gets what they give: %s', async (path, body) => {
    expect(await ask(own.port, path)).toMatchObject({ status: 200, body });
  });

  it('prints on both streams', () => {
    expect(own.output().match(/^something$/gm)).toHaveLength(2);
  });

  it('serves a file that never enters it, and megabytes that it makes', async () => {
    expect((await ask(own.port, '/file?data/two.txt')).body).toHaveLength(300_000);
    expect((await ask(own.port, '/chunks?3000')).body).toHaveLength(3000 * 1024);
  });

  it('sends trailers', async () => {
    const client = open(own.port, '/trailers');
    client.end();
    expect(await readWhole(await responseTo(client))).toMatchObject({ body: 'body', trailers: { 'x-sum': '42' } });
  });

  it('is told where its files end', async () => {
    expect((await ask(own.port, '/file?../secret')).status).toBe(500);
    expect((await ask(own.port, '/file?data/absent')).status).toBe(500);
  });

  it('goes on when it has answered', async () => {
    expect(await ask(own.port, '/after?200')).toMatchObject({ body: 'answered\n' });
    await eventually(() => own.output().includes('afterwards'));
  });

  it('that fails before its answer gives 500, and after it cuts the body', async () => {
    expect((await ask(own.port, '/fail?before')).status).toBe(500);
    const client = open(own.port, '/fail?after');
    client.end();
    const reader = new BodyReader(await responseTo(client));
    await reader.until(4);
    expect(await reader.whole()).toBe('cut');
    expect(reader.text).toBe('half');
  });

  it('that answers with an error code gives 500, and the log says which', async () => {
    expect((await ask(own.port, '/error')).status).toBe(500);
    expect(own.errors.at(-1)).toContain('loop-detected');
  });

  it('that does not read a body does not hold its connection', async () => {
    const client = open(own.port, '/leave', { method: 'POST' });
    client.end(randomBytes(5_000_000));
    expect(await readWhole(await responseTo(client))).toMatchObject({ body: 'left\n' });
    expect(await ask(own.port, '/env')).toMatchObject({ status: 200 });
  });

  it('that streams without end ends when its client leaves', async () => {
    const left = await serveGuest('r3');
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const client = open(left.port, '/forever');
        client.end();
        const reader = new BodyReader(await responseTo(client));
        await reader.until(100_000);
        return client;
      }),
    );
    for (const client of clients) {
      client.destroy();
    }
    expect(await left.stop()).toBe(0);
  });
});

describe('a guest that takes too long', () => {
  it.each([
    ['sp3-plain', '/sleep?100000', '/'],
    ['r3', '/yield', '/env'],
  ])('is ended, whatever it waits for: %s', async (guest, path, other) => {
    const limited = await serveGuest(guest, { run: { limits: { requestMs: 300 } } });
    try {
      expect(await ask(limited.port, path)).toMatchObject({ status: 504 });
      expect(await ask(limited.port, other)).toMatchObject({ status: 200 });
    } finally {
      await limited.stop();
    }
  });

  it('is ended in mid-body too', async () => {
    const limited = await serveGuest('r3', { run: { limits: { requestMs: 300 } } });
    try {
      const client = open(limited.port, '/forever');
      client.end();
      expect(await new BodyReader(await responseTo(client)).whole()).toBe('cut');
    } finally {
      await limited.stop();
    }
  });
});
