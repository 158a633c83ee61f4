// Real guests on Spindle against what a client saw of them on `wasmtime serve` (test/guests/golden/wasmtime.json, written
// by hack/guests-golden.mjs): the same answer, or a difference that is listed here with its reason.
import { readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type Answer } from './client.ts';
import { serveGuest, type GuestOptions, type ServedGuest } from './serve-guest.ts';

interface Recorded {
  readonly guest: string;
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: Answer & { readonly failed?: true };
}

const recorded = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../guests/golden/wasmtime.json'), 'utf8')) as {
    readonly cases: readonly Recorded[];
  }
).cases;

/** What Spindle and Spin send where wasmtime sends a page about the failure. */
const FAILED: Answer = { status: 500, headers: { connection: 'close', 'content-length': '0' }, body: '' };

interface Difference {
  readonly reason: string;
  readonly change: (recorded: Answer) => Answer;
}

const bodyIs =
  (body: string) =>
  (answer: Answer): Answer => ({ ...answer, body });
const failed = (): Answer => FAILED;

const TRAILERS: Difference = {
  reason: 'hyper sends trailers only to clients that say `te: trailers`, and of those of one name only the last',
  change: (answer) => ({ ...answer, trailers: { 'x-sum': '42, 43' } }),
};
const STILL_500: Difference = {
  reason: 'the guest fails before the first byte has been sent, so the client can be told by a status',
  change: failed,
};

/** `guest path` to where ours differs on purpose; docs/compat.md tells the user. */
const differences: Readonly<Record<string, Difference>> = {
  'rdump /?trailer=x-sum:1': { ...TRAILERS, change: (answer) => ({ ...answer, trailers: { 'x-sum': '1' } }) },
  'rio /trailers': TRAILERS,
  'rtrap /after/panic': STILL_500,
  'rtrap /after/exit0': STILL_500,
  'rtrap /after/exit1': STILL_500,
  'rio /blocking-write?bytes=4097': STILL_500,
  'rio /zeroes?bytes=4097': STILL_500,
  'rio /drop-body-unwritten': STILL_500,
  'renv /env': {
    reason: '`wasmtime serve` adds a variable of its own',
    change: bodyIs('NAME=value\n'),
  },
  'rfanout /?url=/self': {
    reason: 'a relative URL is a request to the app itself in Spin, and this manifest does not allow it',
    change: bodyIs('0 error ErrorCode::HttpRequestDenied\norder 0\n'),
  },
  'rio /handle-no-authority': {
    reason: 'without an authority it is a request to the app itself; Spin answers a missing path so',
    change: bodyIs('handle ErrorCode::HttpProtocolError\n'),
  },
  'rio /request-setters': {
    reason:
      'paths as the wasmtime of Spin takes them; an empty scheme and a port that is no number are refused where they are set, ' +
      'not when the request is sent',
    change: bodyIs(
      'methods [true, false, false, true]\npaths [true, true, false, true, true]\nschemes [true, false, false]\n' +
        'authorities [true, true, true, false, false, true, true, false]\n',
    ),
  },
};

/** What the recording gave to `wasmtime serve`. */
const OPTIONS: Readonly<Record<string, GuestOptions>> = {
  renv: { component: 'environment = { NAME = "value" }' },
  rfiles: {
    files: { 'files/a.txt': 'a file\n', 'files/sub/b.txt': 'another\n' },
    component: 'files = [{ source = "files", destination = "/" }]',
    run: { writableMounts: true },
    load: { directMounts: true },
  },
  rfanout: { component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' },
  rio: { component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' },
};

/** What a guest sees of Spin's own request headers, in JSON. */
const SPIN_HEADERS = /spin-[a-z-]+: [^\\]*\\n/g;

/** A busy machine decides how many timers are due at once; the host's own tests ask these with a clock of their own. */
const BY_THE_CLOCK = new Set(['rio /timer-order', 'rio /poll-many']);

const byGuest = Map.groupBy(
  recorded.filter(({ guest, path }) => !BY_THE_CLOCK.has(`${guest} ${path}`)),
  ({ guest }) => guest,
);

it('has a recorded case for each listed difference', () => {
  const names = new Set(recorded.map(({ guest, path }) => `${guest} ${path}`));
  expect(Object.keys(differences).filter((name) => !names.has(name))).toEqual([]);
});

/** The server that the guests ask: says what it got, after `?ms=N` milliseconds. */
const other: Server = createServer((incoming, response) => {
  let length = 0;
  incoming.on('error', () => {});
  incoming.on('data', (piece: Buffer) => (length += piece.length));
  incoming.on('end', () => {
    const wait = Number(new URL(incoming.url ?? '', 'http://x').searchParams.get('ms') ?? 0);
    setTimeout(() => response.end(`got ${length} ${incoming.method} ${incoming.url}\n`), wait);
  });
});

beforeAll(() => new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve)));

afterAll(() => {
  other.closeAllConnections();
  return new Promise<void>((resolve) => other.close(() => resolve()));
});

describe.each([...byGuest])('%s answers as on wasmtime', (guest, cases) => {
  let served: ServedGuest;

  beforeAll(async () => {
    served = await serveGuest(guest, OPTIONS[guest]);
    // Loading refuses symlinks that lead out; those that appear later are for the host to refuse.
    await mkdir(join(served.folder, 'files'), { recursive: true });
    await symlink('a.txt', join(served.folder, 'files/in'));
    await symlink('/etc/passwd', join(served.folder, 'files/out'));
  });

  afterAll(() => served?.stop());

  it.each(cases.map((one) => [one.path, one] as const))('%s', async (path, { answer, ...asked }) => {
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const seen = await ask(served.port, path.replaceAll('{url}', url), asked);
    const text = JSON.stringify(seen)
      .replaceAll(url, '{url}')
      .replaceAll(SPIN_HEADERS, '')
      .replaceAll(`:${served.port}`, ':{port}');
    const expected = answer.failed ? FAILED : answer;
    expect(JSON.parse(text)).toEqual(differences[`${guest} ${path}`]?.change(expected) ?? expected);
  });
});
