// Guests as clients: several requests at once to real servers, what the manifest does not allow, and what goes wrong on
// the way (spin-contract.md §1.8, §3.6, §3.9).
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { eventually } from './eventually.ts';
import { serveGuests, type ServedGuest } from './serve-guest.ts';
import { holdingUpstream, upstream, type HoldingUpstream, type Upstream } from './upstream.ts';

let served: ServedGuest;
let held: HoldingUpstream;
let plain: Upstream;

beforeAll(async () => {
  held = await holdingUpstream();
  plain = await upstream((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      response.setHeader('x-seen', `${request.method} ${request.url}`);
      response.end(Buffer.concat(pieces));
    });
  });
  served = await serveGuests(['rfanout', 'rhello'], {
    component: `allowed_outbound_hosts = ["http://127.0.0.1:*", "http://*.invalid", "http://self", "https://localhost"]`,
  });
});

afterAll(async () => {
  await served?.stop();
  await held?.close();
  await plain?.close();
});

const fanout = async (query: string): Promise<string | undefined> =>
  (await ask(served.port, `/rfanout/?${query}`)).body;

describe('several requests of one guest', () => {
  it('are under way at the same time, and answered in whatever order the servers like', async () => {
    const count = 10;
    const answer = fanout(Array.from({ length: count }, (_, n) => `url=${held.url}/${n}`).join('&'));
    // None is answered before the last has arrived.
    await eventually(() => held.held.length === count);
    const order = [...held.held].toSorted((a, b) => (b.request.url ?? '').localeCompare(a.request.url ?? ''));
    for (const { request, response } of order) {
      response.end(`${request.url}`);
      await new Promise((resolve) => response.once('close', resolve));
    }
    const lines = Array.from({ length: count }, (_, n) => `${n} 200 2\n`).join('');
    expect(await answer).toBe(`${lines}order 9,8,7,6,5,4,3,2,1,0\n`);
  });

  it('each get their own answer', async () => {
    const urls = Array.from({ length: 30 }, (_, n) => `url=${plain.url}/${'x'.repeat(n)}`).join('&');
    const text = await fanout(`${urls}&show`);
    const paths = [...(text ?? '').matchAll(/^x-seen: GET \/(x*)$/gm)].map((match) => match[1]?.length);
    expect(paths).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('carry method, headers and body', async () => {
    const text = await fanout(`url=${plain.url}/p?q&method=PUT&body=some%20text&header=x-a:1&show`);
    expect(text).toContain('0 200 9\n');
    expect(text).toContain('x-seen: PUT /p?q\n');
    expect(text).toContain('\nsome text\n');
  });
});

describe('a request of a guest', () => {
  it.each([
    ['to a host that is not allowed', 'http://denied.example/', 'ErrorCode::HttpRequestDenied'],
    ['with a scheme that is not allowed', 'https://127.0.0.1:1/', 'ErrorCode::HttpRequestDenied'],
    ['to a port where nobody listens', 'http://127.0.0.1:1/', 'ErrorCode::ConnectionRefused'],
    [
      'to a name that does not exist',
      'http://no-such-name.invalid/',
      'ErrorCode::DnsError(DnsErrorPayload { rcode: Some("address not available"), info-code: Some(0) })',
    ],
    ['in a scheme that is not HTTP', 'ftp://127.0.0.1/', 'handle ErrorCode::HttpProtocolError'],
  ])('%s fails with the code that says so', async (_what, url, code) => {
    expect(await fanout(`url=${url}`)).toMatch(new RegExp(`^0 error ${RegExp.escape(code)}\n`));
  });

  it('fails when the first byte does not come in time', async () => {
    const before = held.held.length;
    expect(await fanout(`url=${held.url}/&timeout=50`)).toBe('0 error ErrorCode::ConnectionReadTimeout\norder 0\n');
    // The server is told that nobody waits any more.
    await eventually(() => held.held[before]?.response.destroyed === true);
  });

  it('fails when the answer stops in the middle', async () => {
    const before = held.held.length;
    const answer = fanout(`url=${held.url}/&timeout=200`);
    await eventually(() => held.held.length > before);
    held.held[before]?.response.write('half');
    expect(await answer).toBe('0 200 body error Some(ErrorCode::ConnectionReadTimeout)\norder 0\n');
  });

  it('fails when the answer is cut', async () => {
    const before = held.held.length;
    const answer = fanout(`url=${held.url}/`);
    await eventually(() => held.held.length > before);
    held.held[before]?.response.write('half', () => held.held[before]?.response.destroy());
    expect(await answer).toMatch(/^0 200 body error Some\(ErrorCode::\w+.*\)\norder 0\n$/);
  });

  it('fails when what answers does not speak HTTP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.end('220 mail.example ESMTP\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await fanout(`url=http://127.0.0.1:${port}/`)).toBe('0 error ErrorCode::HttpProtocolError\norder 0\n');
    await new Promise((resolve) => server.close(resolve));
  });

  it('to a path of the app itself is answered by the app', async () => {
    expect(await fanout('url=/rhello&show')).toContain('Hello from Rust!');
  });

  it('that is denied tells the operator what to allow', async () => {
    await fanout('url=http://denied.example/');
    expect(served.notes.join('\n')).toContain('denied.example');
  });
});
