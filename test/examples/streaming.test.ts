// examples/streaming as a newcomer runs it: bodies that never are in one place.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveManifest, type Served } from '../conformance/serve-manifest.ts';

const MANIFEST = resolve(import.meta.dirname, '../../examples/streaming/spin.toml');
const CHUNK = 1024 * 1024;

describe('the streaming example', () => {
  let served: Served;

  beforeAll(async () => {
    served = await serveManifest(MANIFEST, { cacheDir: join(tmpdir(), 'spindle-examples-cache') });
  });

  afterAll(() => served?.stop());

  it('sends as many chunks of 1 MB as are asked for, each of its letter', async () => {
    const response = await fetch(`${served.baseUrl}/chunks/40`);
    const body = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(40 * CHUNK));
    expect(body.length).toBe(40 * CHUNK);
    for (let chunk = 0; chunk < 40; chunk += 1) {
      const letter = 'a'.charCodeAt(0) + (chunk % 26);
      expect([chunk, body.subarray(chunk * CHUNK, (chunk + 1) * CHUNK).every((byte) => byte === letter)]).toEqual([
        chunk,
        true,
      ]);
    }
  });

  it('echoes a body of many megabytes unchanged', async () => {
    const body = randomBytes(20 * CHUNK);
    const response = await fetch(`${served.baseUrl}/echo`, { method: 'POST', body });
    expect(body.equals(new Uint8Array(await response.arrayBuffer()))).toBe(true);
  });

  it('answers the first piece before the next is sent', async () => {
    const upper = request(`${served.baseUrl}/upper`, { method: 'POST' });
    const answered = new Promise<NodeJS.ReadableStream>((done, failed) => {
      upper.once('response', done);
      upper.once('error', failed);
    });
    upper.write('one ');
    const pieces = (await answered)[Symbol.asyncIterator]();
    expect(String((await pieces.next()).value)).toBe('ONE ');
    upper.write('two ');
    expect(String((await pieces.next()).value)).toBe('TWO ');
    upper.end();
    expect((await pieces.next()).done).toBe(true);
  });

  it('goes on for others while one client does not read', async () => {
    const slow = await fetch(`${served.baseUrl}/chunks/1000`);
    expect((await fetch(`${served.baseUrl}/upper`, { method: 'POST', body: 'x' })).status).toBe(200);
    await slow.body?.cancel();
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/upper', 404],
    ['GET', '/chunks/many', 400],
    ['GET', '/chunks/4097', 400],
    ['GET', '/chunks/-1', 400],
  ])('says what else to ask for at %s %s', async (method, path, status) => {
    const response = await fetch(`${served.baseUrl}${path}`, { method });
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining('/chunks/16')]);
  });
});
