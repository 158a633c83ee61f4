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

interface Expected {
  readonly responses: readonly RawResponse[];
  readonly open: boolean;
}

const answered = (status: number, headers: readonly string[] = ['connection: close']): Expected => ({
  responses: [{ status, headers: [...headers, 'content-length: 0', 'date: <date>'], body: '' }],
  open: false,
});

const NO_SILENCE = 'Spin closes the connection without a word; a client learns more from a status';
const SMUGGLING =
  'two parsers in a row could disagree on where this request ends, so it is refused (RFC 9112 §6.3, §2.2, §3.2)';
const METHODS = "node's parser knows the registered methods only";

/** Where ours differs on purpose; docs/compat.md tells the user. */
const differences: Readonly<Record<string, { readonly reason: string; readonly expected: Expected }>> = {
  'http 1.0 no host': { reason: NO_SILENCE, expected: answered(400) },
  'two hosts': { reason: SMUGGLING, expected: answered(400) },
  'no host': { reason: NO_SILENCE, expected: answered(400) },
  'empty host': { reason: NO_SILENCE, expected: answered(400) },
  'bad host': { reason: NO_SILENCE, expected: answered(400) },
  'absolute form other': { reason: NO_SILENCE, expected: answered(400) },
  'spin internal host': { reason: NO_SILENCE, expected: answered(400) },
  'both lengths': { reason: SMUGGLING, expected: answered(400) },
  'two lengths same': { reason: SMUGGLING, expected: answered(400) },
  'bare lf': { reason: SMUGGLING, expected: answered(400) },
  'chunk bad size': { reason: 'Spin tells the guest that the body was empty', expected: answered(400) },
  'chunk bare lf': { reason: SMUGGLING, expected: answered(400) },
  'guest status 199': {
    reason: 'the connection can serve on',
    expected: { ...answered(500, []), open: true },
  },
  'method CONNECT': { reason: 'no guest can open a tunnel', expected: answered(501) },
  'method FOO': { reason: METHODS, expected: answered(400) },
  'method lower': { reason: METHODS, expected: answered(400) },
};

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
    await writeFile(join(folder, 'rdump.wasm'), await fixture('rview'));
    await writeFile(join(folder, 'spin.toml'), golden.manifest);
    served = await serveManifest(join(folder, 'spin.toml'));
  });

  afterAll(async () => {
    await served?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const cases = Object.entries(golden.cases).filter(([name]) => name !== 'short body then close');

  it.each(cases)('%s', async (name, { request, response }) => {
    const expected = differences[name]?.expected ?? goldenExpected(request, response);
    const answer = await exchange(served.port, expected.open ? request + PROBE : request);
    const responses = parseResponses(answer, [...methodsOf(request), 'GET'])
      .filter(({ status }) => status !== 100)
      .map((each) => ({
        ...each,
        body: each.body.replaceAll(/spin-client-addr: 127\.0\.0\.1:\d+/g, 'spin-client-addr: <client>'),
      }));
    const probe = expected.open ? responses.pop() : undefined;
    expect(responses).toEqual(expected.responses);
    expect(probe?.body).toBe(expected.open ? 'OK' : undefined);
  });

  it('short body then close: what is cut short is a bad request', async () => {
    const { request } = golden.cases['short body then close'] ?? { request: '' };
    const answer = await exchange(served.port, request, { thenEnd: true });
    expect(parseResponses(answer, ['POST'])).toEqual(answered(400).responses);
  });
});
