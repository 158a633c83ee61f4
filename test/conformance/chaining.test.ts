// Components that call each other within the process (spin-contract.md §3.6).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { eventually } from './eventually.ts';
import { serveGuests, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveGuests(['rfanout', 'rview', 'recho', 'rtrap', 'rhello', 'rchunks'], {
    component: `allowed_outbound_hosts = ["http://*.spin.internal", "https://recho.spin.internal", "http://missing.spin.internal", "http://recho.spin.internal:81"]`,
  });
});

afterAll(() => served?.stop());

const fanout = async (query: string): Promise<{ status: number; body: string }> =>
  ask(served.port, `/rfanout/?${query}`) as Promise<{ status: number; body: string }>;

describe('a component that calls another by its name', () => {
  it('gets its answer', async () => {
    const { body } = await fanout('url=http://rhello.spin.internal/&show');
    expect(body).toContain('0 200');
    expect(body).toContain('Hello from Rust!');
  });

  it('is taken for HTTP when it says HTTPS, and may say a port', async () => {
    const { body } = await fanout('url=https://recho.spin.internal/&url=http://recho.spin.internal:81/&body=abc');
    expect(body.split('\n').slice(0, 2)).toEqual(['0 200 3', '1 200 3']);
  });

  it('streams what it sends and what it gets', async () => {
    const { body } = await fanout(
      `url=http://recho.spin.internal/&body=${'x'.repeat(200_000)}&url=http://rchunks.spin.internal/`,
    );
    expect(body).toMatch(/^0 200 200000\n1 200 \d+\n/);
  });

  it('may call many at once', async () => {
    const urls = Array.from({ length: 20 }, () => 'url=http://rhello.spin.internal/').join('&');
    const { body } = await fanout(urls);
    expect(body.match(/ 200 /g)).toHaveLength(20);
  });

  it('gets all that the other has sent, however long ago it ended', async () => {
    const url = 'url=http://rchunks.spin.internal/%3Fcount=3%26size=65536';
    const { body } = await fanout([url, url, url].join('&'));
    expect(body).toMatch(/^0 200 196608\n1 200 196608\n2 200 196608\n/);
  });

  it('shows the other its whole path, and no address of its own', async () => {
    const { body } = await fanout('url=http://rview.spin.internal/a/b%3Fc=d&show&header=x-mine:1');
    expect(body).toContain('spin-path-info: /a/b');
    expect(body).toContain('spin-full-url: http://localhost/a/b?c=d');
    expect(body).toContain('spin-client-addr: 0.0.0.0:0');
    expect(body).toContain('spin-matched-route: /...');
    expect(body).toContain('x-mine: 1');
  });

  it('gets 500 when the other traps, and the log says which', async () => {
    const { body } = await fanout('url=http://rtrap.spin.internal/unreachable');
    expect(body).toContain('0 500');
    await eventually(() => served.errors.some((line) => line.includes('component rtrap')));
  });

  it('ends when there is no such component', async () => {
    const { status } = await fanout('url=http://missing.spin.internal/');
    expect(status).toBe(500);
    await eventually(() => served.errors.some((line) => line.includes("unknown routing destination 'missing'")));
  });
});

describe('an app that calls itself', () => {
  let own: ServedGuest;
  const all = { component: 'allowed_outbound_hosts = ["http://self", "http://*.spin.internal"]' };

  afterAll(() => own?.stop());

  it('does so when no more requests may run at once than those that do: it does not wait behind itself', async () => {
    own = await serveGuests(['rfanout', 'rhello', 'rview', 'recho', 'rchunks'], {
      ...all,
      run: { limits: { concurrency: 1, queue: 10 } },
    });
    const path = `/rfanout/?url=/rhello/&url=http://self.alt/rfanout/%3Furl=/rhello/&url=http://rhello.spin.internal/`;
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask(own.port, path, { headers: { connection: 'close' } })),
    );
    for (const { body } of answers) {
      expect(body).toMatch(/^0 200 \d+\n1 200 \d+\n2 200 \d+\n/);
    }
  });

  it('is answered by its routes, as over a connection', async () => {
    const calls = [
      '/rview/a%3Fb',
      '/none',
      '/.well-known/spin/health',
      'http://self.alt/.well-known/spin/nothing',
      '/rchunks/?count=20%26size=70000',
    ];
    const { body } = await ask(own.port, `/rfanout/?${calls.map((url) => `url=${url}`).join('&')}&show`);
    expect(body).toContain(`spin-full-url: http://127.0.0.1:${own.port}/rview/a?b\n`);
    expect(body).toContain('spin-matched-route: /rview/...\n');
    expect(body?.match(/^\d (?:200|404)/gm)).toEqual(['0 200', '1 404', '2 200', '3 404', '4 200']);
    expect(await ask(own.port, '/rfanout/?url=/rview/&method=HEAD&show')).toMatchObject({
      body: expect.stringMatching(/^0 200 0\n/),
    });
  });

  it('sends a body and gets it back', async () => {
    const { body } = await ask(own.port, `/rfanout/?url=/recho/&body=${'x'.repeat(100_000)}`);
    expect(body).toMatch(/^0 200 100000\n/);
  });
});
