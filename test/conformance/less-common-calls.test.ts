// Calls of the host that guests seldom make (docs/reference/host-interfaces.md lists which test makes which).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;
const origin = createServer((request, response) => {
  if (request.url === '/cut') {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
    return;
  }
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => response.end(`${request.method} ${request.headers['x-a']} ${Buffer.concat(pieces)}`));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  served = await serveGuest('rrest', { component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' });
});

afterAll(async () => {
  await served?.stop();
  origin.close();
  origin.closeAllConnections();
});

const url = (path: string): string => `http://127.0.0.1:${(origin.address() as AddressInfo).port}${path}`;
const get = async (path: string): Promise<string | undefined> => (await ask(served.port, path)).body;

describe('a guest', () => {
  it.each([
    ['2', 'skipped 2 cdef\n'],
    ['0', 'skipped 0 abcdef\n'],
    ['6', 'skipped 6 \n'],
    ['9', 'skipped 6 StreamError::Closed\n'],
  ])('skips %s bytes of a body without reading them', async (n, answer) => {
    expect((await ask(served.port, `/skip?n=${n}`, { method: 'POST', body: 'abcdef' })).body).toBe(answer);
  });

  it('reads the fields of an outgoing request back, and cannot change them there', async () => {
    expect(await get('/headers')).toBe('[[49]] Err(HeaderError::Immutable)\n');
  });

  it('asks sockets for the family of their addresses', async () => {
    const [four, six] = ['IpAddressFamily::Ipv4', 'IpAddressFamily::Ipv6'];
    expect(await get('/families')).toBe(`${four} ${four}\n${six} ${six}\n`);
  });

  it('writes to a file, sets its times and makes sure of it', async () => {
    const writable = await serveGuest('rrest', {
      component: 'files = [{ source = "site", destination = "/" }]',
      files: { 'site/a.txt': 'abcd' },
      run: { writableMounts: true },
    });
    const { body } = await ask(writable.port, '/file?name=a.txt');
    await writable.stop();
    expect(body?.split('\n')).toEqual([
      'advise Ok(())',
      'write Ok(2)',
      'write past the end Ok(1)',
      'sync-data Ok(())',
      'sync Ok(())',
      'set-times Ok(())',
      'modified Ok(Some((1000000000, 500000000)))',
      'read Ok(("aWRd\\0\\0!", false))',
      expect.stringContaining('"bad-descriptor"'),
      'sync of a folder Ok(())',
      '',
    ]);
  });

  it('has no working directory', async () => {
    expect(await get('/cwd')).toBe('None\n');
  });

  it("sends requests by Spin 1's interface", async () => {
    expect(await get(`/send?url=${url('/')}`)).toBe('200 PUT 1 sent\n');
    expect(await get('/send?url=http://denied.example/')).toContain('"destination-not-allowed"');
  });

  it('is told that a body which broke off was no matter of sockets', async () => {
    expect(await get(`/network-error?url=${url('/cut')}`)).toBe('None\n');
  });

  it.each([0, 7])('that exits with %i before it has answered has failed', async (code) => {
    const { status } = await ask(served.port, `/exit?code=${code}`);
    expect(status).toBe(500);
    expect(await get('/cwd')).toBe('None\n');
  });
});
