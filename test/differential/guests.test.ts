// Guests of real toolchains: the same request through jco's output and through our linker, over the same host.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareComponent, type PreparedComponent } from '../../runtime-node/src/component/index.ts';
import { fixture } from '../guests/fixtures.ts';
import { runAsServed, runByJco, runByLinker, transpileHandler, type Request } from './http-run.ts';
import type { JcoGuest } from './jco-oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'spindle-differential-'));
mkdirSync(join(folder, 'sub'));
writeFileSync(join(folder, 'a.txt'), 'contents of a');
writeFileSync(join(folder, 'sub', 'b.txt'), 'contents of b');
for (const path of [folder, join(folder, 'sub'), join(folder, 'a.txt'), join(folder, 'sub', 'b.txt')]) {
  // Read later than written: then reading does not change the time again (`relatime`), which guests can see.
  utimesSync(path, 1_800_000_002, 1_800_000_001);
}
afterAll(() => rmSync(folder, { recursive: true }));

const mounts = [{ guestPath: '/', hostPath: folder, writable: false }];
const keyValue = { metadata: { key_value_stores: ['default'] } };
const get = (...paths: string[]): Request[] => paths.map((path) => ({ path }));

/**
 * One path is one case. Left out are those that send requests or wait for a request that never comes; `handles` and
 * `length-long`, which show numbers of handles (jco counts them for each type, Spin and we for each instance); and
 * `trap-poll-empty`, where jco waits for ever.
 */
const RIO_CASES = `
  fields-order fields-set fields-delete fields-syntax fields-forbidden fields-immutable fields-size fields-empty
  consume-twice stream-twice skip read-zero read-after-end pieces trailers-twice trailers-unread
  drop-body-unread trap-drop-body-with-stream trap-finish-body-with-stream trap-drop-stream-with-pollable
  body-twice write-twice no-body empty-body empty-stream drop-body drop-body-unwritten drop-response
  drop-outparam set-error?dns set-error?size set-late status status-send length?declared=3&written=3
  length?declared=3&written=2 length?declared=3&written=4 length-bad length-short length-right
  trap-finish-with-stream trap-drop-with-stream trailers request-defaults request-setters options handle-scheme
  handle-no-authority check-write budget trap-write-over-budget trap-write-when-full blocking-write zeroes
  write-zeroes empty-write flush splice splice-ready poll-same poll-mixed poll-many timer-order no-such-case`
  .trim()
  .split(/\s+/);

const GUESTS: Readonly<Record<string, readonly Request[]>> = {
  rhello: get('/'),
  'rhello-p2': get('/'),
  rview: [{ path: '/view?q', method: 'POST', body: 'seen' }],
  rconfig: [{ path: '/', variables: { b: '2', a: '1' } }, { path: '/a', variables: { a: '1' } }, { path: '/none' }],
  rstate: get('/count', '/write?mb=2', '/grow?pages=3', '/time'),
  shello: get('/', '/some/path?query'),
  rcompute: get('/'),
  rdump: [
    { path: '/dump?status=418&set=x-a:1&set=x-a:2' },
    {
      path: '/?trailer=x-t:v&sort',
      method: 'POST',
      body: 'a body',
      headers: [
        ['x-b', 'caf\u00e9'],
        ['x-a', '1'],
        ['X-B', '2'],
      ],
    },
    { path: '/?none' },
    { path: '/?error=broken' },
    { path: '/', method: 'BREW' },
  ],
  recho: [
    { path: '/', method: 'POST', body: 'hello\n'.repeat(5000) },
    { path: '/?buffer', method: 'POST', body: 'buffered' },
    { path: '/?splice', method: 'POST', body: 'spliced' },
    { path: '/?blocking&read=3', method: 'POST', body: 'ten bytes!' },
    { path: '/?ignore', method: 'POST', body: 'unread' },
    { path: '/', method: 'POST', body: '' },
  ],
  renv: [
    { path: '/env', component: { env: { B: 'zwei', A: '\u00fc' } } },
    ...get('/args', '/cwd', '/stdin', '/clocks', '/random', '/terminals', '/std', '/exit'),
    ...get('/print?out=hello&err=world', '/print?lines=20', '/print?bytes=5000', '/print?flush'),
  ],
  rfiles: [
    '/a.txt',
    '/sub',
    '/sub/b.txt',
    '/none',
    '/?preopens',
    '/a.txt?stat',
    '/?raw=../etc/passwd',
    '/?raw=/etc/passwd',
    '/a.txt?flags',
    '/a.txt?write=x',
    '/new?mkdir',
    '/a.txt?offset=9&length=3',
    '/sub/b.txt?std',
  ].map((path) => ({ path, component: { mounts } })),
  rtrap: get('/', '/panic', '/unreachable', '/memory', '/stack', '/table', '/exit0', '/exit1', '/after/unreachable'),
  skv: ['/', '/set/k?some%20value', '/get/none', '/keys', '/open/other', '/fill/100000', '/drop', '/hold'].map(
    (path) => ({
      path,
      component: keyValue,
    }),
  ),
  svars: [
    { path: '/greeting', variables: { greeting: 'hei, maailma \u{1f600}' } },
    { path: '/missing' },
    { path: '/greeting?bytes', variables: { greeting: '' } },
  ],
  state: get('/g', '/l', '/m', '/p', '/x'),
  rchunks: get('/?count=3&size=10&ms=5&flush', '/?count=2&size=70000&length&before=1'),
  rlate: get('/?steps=2', '/?panic', '/?exit=3'),
  rio: RIO_CASES.map((name) => ({ path: `/${name}`, method: 'POST', body: 'a body of some length' })),
  jshello: [
    ...get('/', '/headers', '/stream?count=3&ms=10', '/state', '/log', '/throw'),
    { path: '/echo', method: 'POST', body: 'echoed by JavaScript' },
  ],
  jsspin: [
    { path: '/', component: keyValue },
    { path: '/hello/you', component: keyValue },
    { path: '/kv/a', method: 'PUT', body: 'value', component: keyValue },
    { path: '/var/greeting', variables: { greeting: 'hei' } },
    { path: '/none' },
  ],
  pyhello: [
    ...get('/', '/stream?3', '/state', '/print', '/throw'),
    { path: '/echo', method: 'POST', body: 'echoed by Python' },
    { path: '/env/NAME', component: { env: { NAME: 'value' } } },
    { path: '/list/sub', component: { mounts } },
    { path: '/file/a.txt', component: { mounts } },
  ],
};

describe.each(Object.keys(GUESTS))('%s', (name) => {
  let prepared: PreparedComponent;
  let jco: JcoGuest;
  beforeAll(async () => {
    const component = await fixture(name);
    prepared = await prepareComponent(component);
    jco = await transpileHandler(component, prepared);
  });

  it.each(GUESTS[name]?.map((request) => [request.path, request] as const) ?? [])(
    'answers %s and asks its host as with jco',
    async (_path, request) => {
      const expected = await runByJco(prepared, jco, request);
      expect(expected.calls.length).toBeGreaterThan(0);
      const recorded = await runByLinker(prepared, request);
      expect(recorded.calls).toEqual(expected.calls);
      expect(recorded.outcome).toEqual(expected.outcome);
      expect(await runAsServed(prepared, request)).toEqual(expected.outcome);
    },
  );
});
