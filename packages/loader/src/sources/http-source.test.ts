import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { UserError } from '@spindle/api';
import { ContentCache } from '@spindle/oci';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../fixtures/tree.ts';
import { fetchHttpSource } from './http-source.ts';

const CONTENT = Buffer.alloc(300_000, 'component ');
const DIGEST = digestOf(CONTENT);

let cacheDir = '';
let requests = 0;
const servers: Server[] = [];
beforeEach(async () => {
  cacheDir = await temporaryFolder();
  requests = 0;
});

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.wasm`;
}

const load = (url: string, digest = DIGEST, signal?: AbortSignal) =>
  fetchHttpSource({ url, digest }, { cache: new ContentCache(cacheDir), signal });

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  // Whatever went wrong: nothing that looks like content, whole or half, may be left.
  expect(await filesIn(cacheDir)).toEqual([]);
  return error as UserError;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('content is downloaded once, and then taken from the cache', async () => {
  const url = await serve((_, response) => response.end(CONTENT));
  const path = await load(url);
  expect(await readFile(path)).toEqual(CONTENT);
  expect(await load(url)).toBe(path);
  expect(await load('http://127.0.0.1:1/gone')).toBe(path);
  expect(requests).toBe(1);
});

test('content that another process has put into the cache is not asked for', async () => {
  const { path } = await new ContentCache(cacheDir).storeAsIs('wasm', Readable.from([CONTENT]));
  expect(await load('http://127.0.0.1:1/x.wasm')).toBe(path);
});

test('spoiled content in the cache is downloaded again', async () => {
  const url = await serve((_, response) => response.end(CONTENT));
  await writeFile(await load(url), 'spoiled');
  expect(await readFile(await load(url))).toEqual(CONTENT);
  expect(requests).toBe(2);
});

test('a redirect is followed', async () => {
  const target = await serve((_, response) => response.end(CONTENT));
  const url = await serve((_, response) => response.writeHead(302, { location: target }).end());
  expect(await readFile(await load(url))).toEqual(CONTENT);
});

test('a user and a password in the URL are sent as such, and shown in no error', async () => {
  const seen: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(403).end();
  });
  const error = await refusal(load(url.replace('//', '//me%40home:s3cret%@')));
  expect(error.message).toBe(`Error fetching source URL "${url}": the server answered 403 Forbidden`);
  expect(error.place.file).toBe(url);
  expect(seen).toEqual([`Basic ${Buffer.from('me@home:s3cret%').toString('base64')}`]);
});

describe('what goes wrong is told with the URL, and leaves nothing behind', () => {
  test('another content than the digest promises', async () => {
    const url = await serve((_, response) => response.end('something else'));
    const error = await refusal(load(url));
    expect(error.message).toBe(
      `invalid content digest; expected ${DIGEST}, downloaded ${digestOf(Buffer.from('something else'))} from ${url}`,
    );
    expect(error.place.file).toBe(url);
  });

  test('an answer that is cut short', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 1000), () => response.destroy());
    });
    expect((await refusal(load(url))).message).toContain(`Error fetching source URL "${url}": `);
  });

  test('a refusal of the server', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('no such file'));
    expect((await refusal(load(url))).message).toBe(
      `Error fetching source URL "${url}": the server answered 404 Not Found`,
    );
  });

  test('an answer without an end', async () => {
    const url = await serve((_, response) => void Readable.from(endless()).pipe(response));
    const cache = new ContentCache(cacheDir);
    const error = await refusal(fetchHttpSource({ url, digest: DIGEST }, { cache, maxBytes: 100_000 }));
    expect(error.message).toContain('it is longer than 100000 bytes');
  });

  test('a server that is not there', async () => {
    const url = await serve((_, response) => response.end());
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const error = await refusal(load(url, `sha256:${'0'.repeat(64)}`));
    expect(error.message).toContain(`Error fetching source URL "${url}": connect ECONNREFUSED`);
  });

  test.each(['file:///etc/passwd', 'ftp://x/y', 'x.wasm', 'data:,x'])('%s, which is no web address', async (url) => {
    expect((await refusal(load(url))).message).toContain('it is not an HTTP or HTTPS URL');
  });
});

test('an aborted load ends the download and leaves nothing behind', async () => {
  const stop = new AbortController();
  const url = await serve((_, response) => {
    response.writeHead(200).write('begin', () => stop.abort(new Error('stopped')));
  });
  await expect(load(url, DIGEST, stop.signal)).rejects.toThrow('stopped');
  expect(await filesIn(cacheDir)).toEqual([]);
});

function* endless(): Generator<Buffer> {
  for (;;) {
    yield CONTENT;
  }
}
