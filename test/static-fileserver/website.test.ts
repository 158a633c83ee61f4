// examples/website as a newcomer runs it: pages, scripts and API of one application.
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveManifest, type Served } from '../conformance/serve-manifest.ts';
import { exchange, FILE_SERVER, type Answer } from './serve-site.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WEBSITE = join(ROOT, 'examples/website');

describe('the website', () => {
  let served: Served;
  const get = (path: string): Promise<Answer> => exchange(served.port, path);
  const post = (body: string): Promise<Response> =>
    fetch(`${served.baseUrl}/api/entries`, { method: 'POST', body, signal: AbortSignal.timeout(30_000) });

  beforeAll(async () => {
    served = await serveManifest(join(WEBSITE, 'spin.toml'), { cacheDir: join(tmpdir(), 'spindle-site-cache') });
  });

  afterAll(() => served?.stop());

  it('has what its pages refer to', async () => {
    for (const page of ['/', '/404.html']) {
      const { status, headers, body } = await get(page);
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      const references = [...body.toString().matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1] ?? '');
      expect(references.length).toBeGreaterThan(1);
      for (const reference of references) {
        expect([reference, (await get(new URL(reference, 'http://h/').pathname)).status]).toEqual([reference, 200]);
      }
    }
  });

  it('has a page of its own for what it has not', async () => {
    const { status, body } = await get('/nowhere');
    expect([status, body.toString()]).toEqual([404, await readFile(join(WEBSITE, 'public/404.html'), 'utf8')]);
  });

  it('keeps what guests write, the newest first', async () => {
    expect((await get('/api/entries')).body.toString()).toBe('[]');
    expect((await post('{"name":" Ada ","text":"<b>Hello</b>"}')).status).toBe(201);
    expect((await post('{"name":"Grace","text":"Hello, Ada"}')).status).toBe(201);
    expect(JSON.parse((await get('/api/entries')).body.toString())).toMatchObject([
      { name: 'Grace', text: 'Hello, Ada' },
      { name: 'Ada', text: '<b>Hello</b>', at: expect.any(Number) },
    ]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no name', '{"name":" ","text":"x"}'],
    ['no text', '{"name":"x"}'],
    ['too much', JSON.stringify({ name: 'x', text: 'y'.repeat(280) })],
  ])('refuses %s, saying why', async (_, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });
});

it('each copy of the file server is the built one', async () => {
  const apps = ['examples/website/wasm', 'templates/static-fileserver/content'];
  const built = await readFile(FILE_SERVER);
  for (const app of apps) {
    const names = await readdir(join(ROOT, app)).catch((error: NodeJS.ErrnoException) => {
      // expected: an app that is not there has no copy to go stale
      if (error.code !== 'ENOENT') {
        throw error;
      }
      return [];
    });
    for (const name of names.filter((one) => one === 'static-fileserver.wasm')) {
      expect([app, (await readFile(join(ROOT, app, name))).equals(built)]).toEqual([app, true]);
    }
  }
});
