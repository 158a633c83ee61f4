// guests-golden.mjs <wasmtime>: asks the guests on `wasmtime serve` and writes what the client saw to
// test/guests/golden/wasmtime.json. The file is the reference for tests of our own host; run this again when a guest changes.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WASMTIME = process.argv[2] ?? 'wasmtime';
const GUESTS = join(import.meta.dirname, '../test/guests');
const POST = { method: 'POST', body: 'hello-world', headers: { 'content-type': 'text/plain' } };

// {url} in a path stands for a server that answers "got <bytes> <method> <url>" after ?ms=N milliseconds.
const CASES = {
  rhello: ['/'],
  rdump: [
    '/a%20b?sort',
    ['/?sort', POST],
    '/?set=x-a:1&set=x-a:2&status=201',
    '/?set=host:x',
    '/?none',
    '/?error=x',
    '/?status=99',
    '/?trailer=x-sum:1',
  ],
  recho: ['/', '/?buffer', '/?splice', '/?read=2&blocking', '/?ignore'].map((path) => [path, POST]),
  rchunks: [
    '/?count=3&size=5&ms=5',
    '/?count=2&size=3&length',
    '/?count=2&size=3&flush',
    '/?count=0',
    '/?count=0&length',
  ],
  rfanout: [
    '/?url={url}/a&url={url}/b%3Fms=50&url=http://127.0.0.1:1/',
    '/?url={url}/&body=abc',
    '/?url={url}/%3Fms=900&timeout=100',
    '/?url=/self',
    '/?url={url}/&header=host:x',
    '/',
  ],
  rfiles: [
    '/',
    '/a.txt',
    '/sub',
    '/nope',
    '/out',
    '/in',
    '/%61.txt',
    '/?preopens',
    '/?raw=..',
    '/?raw=/etc/passwd',
    '/?raw=sub/../a.txt',
    '/?raw=sub/../../x',
    '/?raw=',
    '/?raw=.',
    '/?raw=a.txt/',
    '/?raw=sub/',
    '/a.txt?stat',
    '/in?nofollow',
    '/in?stat',
    '/out?stat',
    '/in?readlink',
    '/a.txt?readlink',
    '/a.txt?flags',
    '/a.txt?offset=2&length=3',
    '/a.txt?offset=100&length=3',
    '/a.txt?same=in',
    '/a.txt?same=sub/b.txt',
    '/a.txt?open=directory',
    '/sub?open=directory',
    '/a.txt?open=create,exclusive',
    '/a.txt?std',
    '/out?std',
    '/nope?std',
    '/new?write=hi',
    '/new?append=ho',
    '/new',
    '/new?truncate=1',
    '/new?stat',
    '/new?rename=old',
    '/old?unlink',
    '/old?unlink',
    '/d?mkdir',
    '/d?mkdir',
    '/d?unlink',
    '/d?rmdir',
    '/sub?rmdir',
    '/l?symlink=/etc',
    '/l?symlink=a.txt',
    '/l?unlink',
  ],
  rtrap: [
    '/ok',
    '/panic',
    '/unreachable',
    '/memory',
    '/stack',
    '/table',
    '/exit0',
    '/exit1',
    '/after/panic',
    '/after/exit0',
    '/after/exit1',
  ],
  rnever: ['/', '/drop'],
  rlate: ['/?ms=1', '/?ms=1&panic'],
  rcompute: ['/', '/?rounds=2'],
  state: ['g', 'l', 'f', 'v', 'm', 'p', 'w', 't', 's', 'd', 'e', 'x'].map((way) => `/${way}`),
  renv: ['/env', '/args', '/cwd', '/stdin', '/terminals', '/print?out=a&err=b', '/print?flush', '/exit?ok', '/exit'],
  rio: [
    'consume-twice',
    'stream-twice',
    'skip',
    'read-zero',
    'read-after-end',
    'pieces',
    'trailers-twice',
    'trailers-unread',
    'drop-body-unread',
    'trap-drop-body-with-stream',
    'trap-finish-body-with-stream',
    'trap-drop-stream-with-pollable',
    'handles',
    'body-error',
    'body-twice',
    'write-twice',
    'no-body',
    'empty-body',
    'empty-stream',
    'drop-body',
    'drop-body-unwritten',
    'drop-response',
    'drop-outparam',
    'set-error?code=dns',
    'set-error?code=refused',
    'set-late',
    'status?code=0',
    'status?code=99',
    'status?code=100',
    'status?code=101',
    'status?code=599',
    'status?code=600',
    'status?code=999',
    'status?code=1000',
    'status-send?code=204',
    'status-send?code=304',
    'status-send?code=418',
    'length?declared=5&written=5',
    'length?declared=5&written=3',
    'length?declared=5&written=9',
    'length-bad',
    'length-short',
    'length-long',
    'length-right',
    'trap-finish-with-stream',
    'trap-drop-with-stream',
    'trailers',
    'request-defaults',
    'request-setters',
    'options',
    'handle-scheme',
    'handle-no-authority',
    'handle?url={url}/',
    'handle?url=http://127.0.0.1:1/',
    'handle-then-body?url={url}/',
    'handle-drop-body?url={url}/',
    'handle-drop-future?url={url}/',
    'check-write',
    'budget',
    'trap-write-over-budget',
    'trap-write-when-full',
    'blocking-write?bytes=4096',
    'blocking-write?bytes=4097',
    'zeroes?bytes=10',
    'zeroes?bytes=4097',
    'write-zeroes',
    'write-before-set?bytes=5000',
    'blocking-before-set',
    'finish-before-set',
    'empty-write',
    'flush',
    'splice',
    'splice?size=3',
    'splice-ready',
    'trap-poll-empty',
    'poll-same',
    'poll-mixed',
    'poll-many',
    'timer-order',
    'fields-order',
    'fields-set',
    'fields-delete',
    'fields-syntax',
    'fields-forbidden',
    'fields-immutable',
    'fields-size?bytes=100000',
    'fields-size?bytes=200000',
    'fields-empty',
    'no-such-case',
  ]
    .map((name) => [`/${name}`, POST])
    .concat([['/trailers', { headers: { te: 'trailers' } }]]),
  shello: ['/', '/some/path', '/error'],
};

/** The files that rfiles is given, made anew each time. */
async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'golden-'));
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'a.txt'), 'a file\n');
  await writeFile(join(folder, 'sub/b.txt'), 'another\n');
  await symlink('a.txt', join(folder, 'in'));
  await symlink('/etc/passwd', join(folder, 'out'));
  return folder;
}

function ask(port, path, { method = 'GET', body, headers = {} } = {}) {
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const client = request({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { ...headers, ...length },
      agent: false,
      timeout: 20_000,
    });
    client.on('error', () => resolve({ cut: true }));
    client.on('response', (response) => {
      const pieces = [];
      const done = (cut) => {
        const { date: _, ...rest } = response.headers;
        const text = Buffer.concat(pieces).toString();
        const own = response.statusCode === 500 && text.includes('<center>'); // the page wasmtime makes of a failure
        const seen = own ? { status: 500, failed: true } : { status: response.statusCode, headers: rest, body: text };
        if (Object.keys(response.trailers).length > 0) {
          seen.trailers = response.trailers;
        }
        resolve(cut ? { ...seen, cut } : seen);
      };
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => done(false));
      response.on('error', () => done(true));
    });
    client.end(body);
  });
}

async function serve(guest, folder) {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const args = [
    'serve',
    '-Scli',
    '--env',
    'NAME=value',
    '--dir',
    `${folder}::/`,
    '--addr',
    `127.0.0.1:${port}`,
    join(GUESTS, 'fixtures', `${guest}.wasm`),
  ];
  const child = spawn(WASMTIME, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => String(text).includes('Serving') && resolve());
    child.on('exit', () => reject(new Error(`${guest} did not start`)));
  });
  return { port, stop: () => child.kill() };
}

const other = createServer((incoming, response) => {
  let length = 0;
  incoming.on('error', () => {});
  incoming.on('data', (piece) => (length += piece.length));
  incoming.on('end', () => {
    const wait = Number(new URL(incoming.url, 'http://x').searchParams.get('ms') ?? 0);
    setTimeout(() => response.end(`got ${length} ${incoming.method} ${incoming.url}\n`), wait);
  });
});
await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${other.address().port}`;

const cases = [];
for (const [guest, list] of Object.entries(CASES)) {
  const folder = await makeFolder();
  const server = await serve(guest, folder);
  for (const entry of list) {
    const [path, sent] = Array.isArray(entry) ? entry : [entry, undefined];
    const seen = await ask(server.port, path.replaceAll('{url}', url), sent);
    const text = JSON.stringify(seen).replaceAll(url, '{url}').replaceAll(String(server.port), '{port}');
    cases.push({ guest, path, ...sent, answer: JSON.parse(text) });
  }
  server.stop();
  await rm(folder, { recursive: true });
}
other.close();
const reference = execFileSync(WASMTIME, ['--version'], { encoding: 'utf8' }).trim().replace(/ \(.*/, '');
const lines = cases.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
await writeFile(
  join(GUESTS, 'golden/wasmtime.json'),
  `{\n  "reference": ${JSON.stringify(reference)},\n  "cases": [\n${lines}\n  ]\n}\n`,
);
console.log(`${cases.length} cases by ${reference}`);
