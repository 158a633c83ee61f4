// Real components on the host, against what a client saw of the same components on wasmtime
// (test/guests/golden/wasmtime.json) and, for Spin's interfaces, against what Spin answered.
import { readFileSync, symlinkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VariableError } from '@spindle/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from './testing/fake-clock.ts';
import { fakeResolver } from './testing/fake-app.ts';
import { fixture } from '../../../test/guests/fixtures.ts';
import { realGuest, type Answer, type RealGuest, type RealGuestOptions } from './testing/real-guest.ts';

interface Recorded {
  readonly guest: string;
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: { readonly status: number | null; readonly body?: string | null };
}

const recorded = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../test/guests/golden/wasmtime.json'), 'utf8')) as {
    readonly cases: readonly Recorded[];
  }
).cases;

const casesOf = (guest: string, wanted: (path: string) => boolean): [string, Recorded][] =>
  recorded.filter((one) => one.guest === guest && wanted(one.path)).map((one) => [one.path, one]);

/** The same request to our host. */
const askLike = (guest: RealGuest, { path, method = 'GET', body, headers = {} }: Recorded): Promise<Answer> =>
  guest.ask(path, { method, body: body ?? '', headers: Object.entries(headers) });

const seen = ({ answer: { status, body = null } }: Recorded): unknown => ({ status, body });

const open = async (name: string, options?: RealGuestOptions): Promise<RealGuest> =>
  realGuest(await fixture(name), options);

describe('files', () => {
  let folder: string;
  let guest: RealGuest;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spindle-rfiles-'));
    const root = join(folder, 'root');
    mkdirSync(join(root, 'sub'), { recursive: true });
    writeFileSync(join(root, 'a.txt'), 'a file\n');
    writeFileSync(join(root, 'sub/b.txt'), 'b file\n');
    writeFileSync(join(folder, 'secret'), 'out of reach');
    symlinkSync('a.txt', join(root, 'in'));
    symlinkSync('../secret', join(root, 'out'));
    guest = await open('rfiles', { mounts: [{ guestPath: '/', hostPath: root, writable: true }] });
  });

  afterAll(async () => {
    await guest[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it.each(casesOf('rfiles', () => true))('answer %s as wasmtime does', async (_path, one) => {
    expect(await askLike(guest, one)).toEqual(seen(one));
  });

  it('of a megabyte and more are streamed whole', async () => {
    const content = 'spindle '.repeat(200_000);
    writeFileSync(join(folder, 'root/large'), content);
    const { status, body } = await guest.ask('/large');
    expect(status).toBe(200);
    expect(body === content).toBe(true);
  });
});

describe('files on a read-only mount', () => {
  it('cannot be written', async () => {
    await using guest = await open('rfiles', {
      mounts: [{ guestPath: '/', hostPath: import.meta.dirname, writable: false }],
    });
    const asked = ['/new?write=x', '/new?append=x', '/index.ts?truncate=0', '/d?mkdir', '/index.ts?unlink'];
    for (const path of asked) {
      expect([path, await guest.ask(path)]).toEqual([path, { status: 200, body: 'error not-permitted\n' }]);
    }
    expect((await guest.ask('/index.ts?std')).body).toContain('HostCapability');
  });

  it('are not there without mounts', async () => {
    await using guest = await open('rfiles');
    expect(await guest.ask('/')).toEqual({ status: 404, body: 'nothing is preopened\n' });
  });
});

describe('the world around a guest', () => {
  let guest: RealGuest;

  beforeAll(async () => {
    guest = await open('renv', { env: { NAME: 'value', OTHER: 'two words' } });
  });

  afterAll(() => guest[Symbol.asyncDispose]());

  it.each(casesOf('renv', (path) => path !== '/env'))('answers %s as wasmtime does', async (_path, one) => {
    expect(await askLike(guest, one)).toEqual(seen(one));
  });

  it('is its environment and nothing of the host', async () => {
    expect(await guest.ask('/env')).toEqual({ status: 200, body: 'NAME=value\nOTHER=two words\n' });
  });

  it('has clocks that pass and random numbers', async () => {
    const { body: clocks } = await guest.ask('/clocks');
    expect(clocks).toContain('past is ready true\nfuture is ready false\n');
    const { body: random } = await guest.ask('/random');
    expect(random).toContain('none []\nlong 100000\n');
    expect((await guest.ask('/random')).body).not.toBe(random);
    expect((await guest.ask('/std')).body).toMatch(/slept true\nsince 1970 \d+\nmap 4\n$/);
  });

  it('takes what it prints, stream by stream', async () => {
    const { stdout, stderr } = { ...guest.output };
    await guest.ask('/print?lines=3');
    expect(guest.output.stdout.slice(stdout.length)).toBe('out line 1\nout line 2\nout line 3\n');
    expect(guest.output.stderr.slice(stderr.length)).toBe('err line 1\nerr line 2\nerr line 3\n');
  });
});

describe('streams and polls', () => {
  let guest: RealGuest;

  beforeAll(async () => {
    guest = await open('rio');
  });

  afterAll(() => guest[Symbol.asyncDispose]());

  const ours = /^\/(skip|read-zero|read-after-end|pieces|empty-write|flush|splice|poll|trap-poll|check-write)/;

  it.each(casesOf('rio', (path) => ours.test(path)))('answer %s as wasmtime does', async (_path, one) => {
    expect(await askLike(guest, one)).toEqual(seen(one));
  });

  // On a clock that goes on only when everything waits: on a busy machine several timers may be due at once.
  it('wake timers in the order in which they are due', async () => {
    const clock = new FakeClock();
    await using timed = await open('rio', { clock });
    const done = timed.ask('/timer-order');
    for (let millisecond = 0; millisecond < 40; millisecond++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000_000n);
    }
    expect(await done).toEqual({ status: 200, body: '[1, 2, 0]\n' });
  });

  it.each(['/trap-drop-stream-with-pollable', '/trap-write-over-budget'])('end the guest at %s', async (path) => {
    expect(await guest.ask(path, { method: 'POST', body: 'hello' })).toEqual({ status: 500, body: null });
  });
});

describe('key-value stores', () => {
  it('answer a guest made with the Spin SDK, and remember from one request to the next', async () => {
    await using guest = await open('skv', {
      metadata: { key_value_stores: ['default', 'other'] },
      runtimeConfig: { key_value_store: { other: { type: 'spin' } } },
    });
    const answers: [string, string | null][] = [];
    const expected = [
      ['/keys', '[]'],
      ['/', '1'],
      ['/', '2'],
      ['/set/a?1', '()'],
      ['/set/b?', '()'],
      ['/get/a', 'Some("1")'],
      ['/get/b', 'Some("")'],
      ['/get/none', 'None'],
      ['/exists/a', 'true'],
      ['/exists/none', 'false'],
      ['/keys', '["a", "b", "visits"]'],
      ['/delete/a', '()'],
      ['/delete/a', '()'],
      ['/keys', '["b", "visits"]'],
      ['/keys?store=other', '[]'],
      ['/open/other', '()'],
      ['/open/secret', 'error Error::AccessDenied'],
      ['/open/', 'error Error::AccessDenied'],
      ['/fill/8388608', '()'],
      ['/drop', '()'],
      ['/hold', '256 then Some(Error::StoreTableFull)'],
    ] as const;
    for (const [path] of expected) {
      answers.push([path, (await guest.ask(path)).body?.trimEnd() ?? null]);
    }
    expect(answers).toEqual(expected);
  });
});

describe('variables', () => {
  const app = {
    variables: fakeResolver({
      x: 'p-s3',
      late: Promise.resolve('later'),
      sealed: new VariableError('provider', 'vault is sealed'),
    }),
  };

  it.each([
    ['/x', 'p-s3', 'Some("p-s3")'],
    ['/late', 'later', 'Some("later")'],
    ['/none', 'error Error::Undefined("no variable for \\"c\\".\\"none\\"")', 'None'],
    ['/sealed', 'error Error::Provider("vault is sealed")', 'error Error::Upstream("vault is sealed")'],
  ])('answer %s through both interfaces', async (path, bySpin, byWasi) => {
    await using spin = await open('svars', { app });
    await using wasi = await open('rconfig', { app });
    expect(await spin.ask(path)).toEqual({ status: 200, body: `${bySpin}\n` });
    expect(await wasi.ask(path)).toEqual({ status: 200, body: `${byWasi}\n` });
  });

  it('are listed by wasi:config', async () => {
    const variables = fakeResolver({ b: '2', a: Promise.resolve('1') });
    await using guest = await open('rconfig', { app: { variables } });
    expect((await guest.ask('/')).body).toBe('a=1\nb=2\n');
  });
});

describe('a TypeScript application made with the Spin tools', () => {
  it('keeps keys, reads variables, and gets an error for what it may not do', async () => {
    await using guest = await open('jsspin', {
      metadata: { key_value_stores: ['default'] },
      app: { variables: fakeResolver({ x: Promise.resolve('p-s3') }) },
    });
    expect(await guest.ask('/kv/a', { method: 'PUT', body: 'kept' })).toEqual({ status: 204, body: '' });
    expect(await guest.ask('/kv/a')).toEqual({ status: 200, body: 'kept' });
    expect(await guest.ask('/kv/a', { method: 'DELETE' })).toEqual({ status: 204, body: '' });
    // Its router sends on to the network what it would answer with 404, and no host is allowed.
    expect(await guest.ask('/kv/a')).toEqual({ status: 500, body: '' });
    expect(await guest.ask('/var/x')).toEqual({ status: 200, body: 'p-s3\n' });
    for (const denied of ['/var/y', '/store/other']) {
      expect(await guest.ask(denied)).toEqual({ status: 500, body: '' });
    }
    expect(guest.output.stderr.match(/see error\.payload/g)).toHaveLength(2);
  });
});
