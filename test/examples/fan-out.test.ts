// examples/fan-out as a newcomer runs it, and against servers that see how many requests come at once.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { serveManifest, type Served } from '../conformance/serve-manifest.ts';

const MANIFEST = resolve(import.meta.dirname, '../../examples/fan-out/spin.toml');

const sha = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the fan-out example', () => {
  let served: Served | undefined;
  let server: Server | undefined;

  const start = async (variables: Readonly<Record<string, string>> = {}): Promise<string> => {
    served = await serveManifest(MANIFEST, {
      cacheDir: join(tmpdir(), 'spindle-examples-cache'),
      variables: new Map(Object.entries(variables)),
    });
    return served.baseUrl;
  };

  afterEach(async () => {
    await served?.stop();
    server?.closeAllConnections();
    server?.close();
    served = undefined;
    server = undefined;
  });

  it('needs nothing but itself: it hashes what its own source streams', async () => {
    const lines = (await (await fetch(await start())).text()).trim().split('\n');
    expect(lines.toSorted()).toEqual(
      [
        ['a', 4],
        ['b', 2],
        ['c', 1],
      ]
        .map(([letter, megabytes]) => {
          const bytes = Buffer.alloc(Number(megabytes) * 1_000_000, String(letter));
          return `${sha(bytes)} ${bytes.length} http://source.spin.internal/${letter}?megabytes=${megabytes}`;
        })
        .toSorted(),
    );
  });

  it('reads all responses at once, and tells of each as it ends', async () => {
    const held = new Map<string, ServerResponse>();
    const { promise: allAsked, resolve: tellAllAsked } = Promise.withResolvers<void>();
    server = createServer((request, response) => {
      response.write(`begun ${request.url}`);
      held.set(request.url ?? '', response);
      if (held.size === 3) {
        tellAllAsked();
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const url = await start({ origin, urls: ['/1', '/2', '/3'].map((path) => origin + path).join(' ') });
    const body = (await fetch(url)).body?.pipeThrough(new TextDecoderStream()).getReader();
    // None of them has ended: a guest that took them one after the other would never come here.
    await allAsked;
    for (const path of ['/2', '/3', '/1']) {
      held.get(path)?.end(', ended');
      expect((await body?.read())?.value).toBe(`${sha(`begun ${path}, ended`)} 15 ${origin}${path}\n`);
    }
    expect((await body?.read())?.done).toBe(true);
  });

  it('says of each URL that it cannot have why', async () => {
    const denied = 'http://example.org/';
    const urls = `${denied} nonsense ftp://example.com/ http://source.spin.internal/z`;
    const lines = (await (await fetch(await start({ urls }))).text()).trim().split('\n');
    expect(lines.toSorted()).toEqual(
      [
        `${sha(Buffer.alloc(1_000_000, 'z'))} 1000000 http://source.spin.internal/z`,
        `error: ErrorCode::HttpRequestDenied: ${denied}`,
        'error: no URL: nonsense',
        'error: no way to fetch ftp: ftp://example.com/',
      ].toSorted(),
    );
  });

  it('has a source that nobody outside can ask', async () => {
    const response = await fetch(`${await start({ urls: '' })}/source`);
    expect(await response.text()).toBe('');
  });
});
