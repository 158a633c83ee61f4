// What a manifest and the command line give to guests: stores, variables, environment and files
// (spin-contract.md §1.7, §4, §5).
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { serveGuest, type GuestOptions, type ServedGuest } from './serve-guest.ts';

const open: ServedGuest[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.stop()));
});

async function start(guest: string, options?: GuestOptions): Promise<ServedGuest> {
  const served = await serveGuest(guest, options);
  open.push(served);
  return served;
}

const bodyOf = async ({ port }: ServedGuest, path: string): Promise<string | undefined> => (await ask(port, path)).body;

describe('a key-value store', () => {
  const component = 'key_value_stores = ["default"]';
  let stateDir: string;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'spindle-state-'));
  });

  afterAll(() => rm(stateDir, { recursive: true, force: true }));

  it('is kept over a restart in the same state directory', async () => {
    const first = await serveGuest('skv', { component, run: { stateDir } });
    expect(await bodyOf(first, '/')).toBe('1\n');
    expect(await bodyOf(first, '/')).toBe('2\n');
    expect(await bodyOf(first, '/set/k?v')).toBe('()\n');
    await first.stop();
    const second = await start('skv', { component, run: { stateDir } });
    expect(await bodyOf(second, '/')).toBe('3\n');
    expect(await bodyOf(second, '/get/k')).toBe('Some("v")\n');
  });

  it('is in memory without one', async () => {
    const first = await serveGuest('skv', { component });
    expect(await bodyOf(first, '/')).toBe('1\n');
    await first.stop();
    expect(await bodyOf(await start('skv', { component }), '/')).toBe('1\n');
  });

  it('begins with what --key-value says', async () => {
    const served = await start('skv', { component, run: { keyValues: new Map([['visits', '41']]) } });
    expect(await bodyOf(served, '/')).toBe('42\n');
  });

  it('is not opened by a component that does not name it', async () => {
    const served = await start('skv');
    expect(await bodyOf(served, '/')).toBe('error Error::AccessDenied\n');
  });
});

describe('variables', () => {
  const application = `[variables]
greeting = { default = "hello" }
subject = { default = "world" }
secret = { required = true, secret = true }`;
  const withVariables = (guest: string, run: GuestOptions['run'] = {}): Promise<ServedGuest> =>
    start(guest, {
      application,
      component: `[component.${guest}.variables]
text = "{{ greeting }}, {{ subject }}!"
key = "{{ secret }}"`,
      run: { variables: new Map([['secret', 's3']]), ...run },
    });

  it.each([
    ['svars', '/text', 'hello, world!\n'],
    ['svars', '/key', 's3\n'],
    ['rconfig', '/text', 'Some("hello, world!")\n'],
    ['rconfig', '/none', 'None\n'],
    ['rconfig', '/', 'key=s3\ntext=hello, world!\n'],
  ])('reach %s at %s', async (guest, path, body) => {
    expect(await bodyOf(await withVariables(guest), path)).toBe(body);
  });

  it('are undefined unless the component names them, and then say so', async () => {
    const served = await withVariables('svars');
    expect(await bodyOf(served, '/greeting')).toMatch(/^error Error::Undefined\(".*greeting.*"\)\n$/);
  });

  it('are taken from --variable before the environment, and from that before the default', async () => {
    const served = await withVariables('svars', {
      variables: new Map([
        ['secret', 's3'],
        ['greeting', 'from the command line'],
      ]),
      variableEnv: { SPIN_VARIABLE_GREETING: 'from the environment', SPIN_VARIABLE_SUBJECT: 'the environment' },
    });
    expect(await bodyOf(served, '/text')).toBe('from the command line, the environment!\n');
  });

  it('that are required and missing stop the start by name', async () => {
    await expect(withVariables('svars', { variables: new Map() })).rejects.toThrow(/secret/);
  });
});

describe('the environment', () => {
  it('is that of the manifest, with --env over it, and nothing of this process', async () => {
    const served = await start('renv', {
      component: 'environment = { A = "manifest", B = "manifest" }',
      run: { env: { B: 'flag', C: 'flag' } },
    });
    expect(await bodyOf(served, '/env')).toBe('A=manifest\nB=flag\nC=flag\n');
  });
});

describe('files', () => {
  const files = { 'site/a.txt': 'a file\n', 'site/sub/b.txt': 'another\n', 'secret.txt': 'not mounted\n' };
  const mounted = 'files = [{ source = "site", destination = "/" }]';

  it('are those of the manifest, and no others by any path', async () => {
    const served = await start('rfiles', { files, component: mounted });
    expect(await bodyOf(served, '/')).toBe('a.txt RegularFile\nsub Directory\n');
    expect(await bodyOf(served, '/sub/b.txt')).toBe('another\n');
    const outside = ['..', '../secret.txt', 'sub/../../secret.txt', '/etc/passwd', join(served.folder, 'secret.txt')];
    for (const path of outside) {
      const { status, body } = await ask(served.port, `/?raw=${path}`);
      expect([path, status, body]).toEqual([path, 404, 'error not-permitted\n']);
    }
  });

  it('that match a pattern stand at their paths', async () => {
    const served = await start('rfiles', { files, component: 'files = ["site/*.txt"]' });
    expect(await bodyOf(served, '/')).toBe('site Directory\n');
    expect(await bodyOf(served, '/site')).toBe('a.txt RegularFile\n');
  });

  it('are read-only unless --allow-transient-write, which writes to a copy', async () => {
    const first = await start('rfiles', { files, component: mounted });
    for (const change of ['write=x', 'truncate=0', 'unlink', 'rename=b.txt']) {
      expect([change, await bodyOf(first, `/a.txt?${change}`)]).toEqual([change, 'error not-permitted\n']);
    }
    const second = await start('rfiles', { files, component: mounted, run: { writableMounts: true } });
    expect(await bodyOf(second, '/a.txt?write=changed')).toBe('wrote 7\n');
    expect(await bodyOf(second, '/a.txt')).toBe('changed');
    expect(await readFile(join(second.folder, 'site/a.txt'), 'utf8')).toBe('a file\n');
  });

  it.each([
    ['copied', {}],
    ['mounted directly', { directMounts: true }],
  ])('%s may be symlinks to others inside, but not out of the app', async (_how, load) => {
    const served = await start('rfiles', { files, component: mounted, load, links: { 'site/in': 'a.txt' } });
    expect(await bodyOf(served, '/in')).toBe('a file\n');
    const leading = start('rfiles', { files, component: mounted, load, links: { 'site/out': '/etc/hostname' } });
    await expect(leading).rejects.toThrow(/out/);
  });

  it('that are not there stop the start by name', async () => {
    const started = start('rfiles', { component: 'files = [{ source = "nowhere", destination = "/" }]' });
    await expect(started).rejects.toThrow(/nowhere/);
    await expect(started).rejects.toBeInstanceOf(UserError);
  });
});
