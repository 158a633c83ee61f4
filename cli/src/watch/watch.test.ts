import { copyFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';
import type { RunningSpindle } from '../testing/run-spindle.ts';

/** What `src/guest.wasm` holds is what a build makes of it. */
const MANIFEST = manifest({
  guest: {
    table:
      'files = [{ source = "assets", destination = "/" }]\n[component.guest.build]\ncommand = "cp src/guest.wasm guest.wasm"\nwatch = ["src/*.wasm"]',
  },
});

async function folderWith(guest: string): Promise<AppFolder> {
  const folder = await appFolder({
    'spin.toml': MANIFEST,
    'src/guest.wasm': await fixture(guest),
    'assets/note.txt': 'first',
    'next.wasm': await fixture('rhello'),
  });
  return folder;
}

const watch = (folder: AppFolder, ...args: string[]): RunningSpindle =>
  folder.start(['watch', '--listen', '127.0.0.1:0', '--debounce', '20', ...args]);

/** Saves another guest as its source. */
const save = (folder: AppFolder, guest = 'next.wasm'): Promise<void> =>
  copyFile(join(folder.path, guest), join(folder.path, 'src/guest.wasm'));

const answer = async (running: RunningSpindle, path = '/'): Promise<() => Promise<string>> => {
  const url = await running.serving();
  return async () => (await fetch(`${url}${path}`)).text();
};

/** A reload takes a tenth of a second, and seconds on a machine that does other things. */
const SOON = { timeout: 30_000 };

/** A component whose build copies one file. */
const part = (id: string): { route: string; table: string } => ({
  route: `/${id}`,
  table: `[component.${id}.build]\ncommand = "cp ${id}.src ${id}.wasm && echo built ${id}"\nwatch = ["${id}.src"]`,
});

describe('spindle watch', () => {
  it('builds, serves, and serves what was saved', async () => {
    const folder = await folderWith('rdump');
    const running = watch(folder);
    const get = await answer(running);
    expect(await get()).toContain('method Method::Get');
    await save(folder);
    await expect.poll(get, SOON).toBe('Hello from Rust!\n');
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect(running.stdout.match(/Serving/g)).toHaveLength(1);
    expect(running.stderr.match(/Building component guest/g)).toHaveLength(2);
    expect(running.stderr).toContain('Reloaded');
  });

  it('lets a request that is in flight finish, and refuses no connection while one app follows another', async () => {
    const folder = await folderWith('rchunks');
    const running = watch(folder);
    const url = await running.serving();
    const slow = await fetch(`${url}/?count=4&size=5&ms=300`);
    const body = slow.text();
    const answers = new Set<string>();
    const enough = new AbortController();
    const ask = async (): Promise<void> => {
      while (!enough.signal.aborted) {
        answers.add(await freshRequest(url));
      }
    };
    const askers = [ask(), ask(), ask(), ask()];
    await save(folder);
    await running.printed(/Reloaded/, 'stderr');
    await folder.write('assets/note.txt', 'second');
    await running.printed(/Reloaded[^]*Reloaded/, 'stderr');
    enough.abort();
    await Promise.all(askers);
    expect(answers).toContain('200 Hello from Rust!\n');
    expect([...answers].filter((one) => !one.startsWith('200'))).toEqual([]);
    expect(await body).toBe('aaaaabbbbbcccccddddd');
  });

  it.each([
    ['a build that fails', 'spin.toml', MANIFEST.replace('cp src', 'exit 4; cp src'), 'failed with status 4'],
    ['a manifest that is wrong', 'spin.toml', MANIFEST.replace('source =', 'sauce ='), 'unknown field `sauce`'],
    ['a guest that is none', 'src/guest.wasm', 'no wasm', 'SPK'],
  ])('serves on what it has after %s, says why, and goes on when it is mended', async (_what, name, text, message) => {
    const folder = await folderWith('rdump');
    const running = watch(folder);
    const get = await answer(running);
    await get();
    await folder.write(name, text);
    await running.printed(/Waiting for changes; what ran before serves on/, 'stderr');
    expect(running.stderr).toContain(message);
    expect(running.stderr).not.toContain('defect of Spindle');
    expect(await get()).toContain('method Method::Get');
    await folder.write('spin.toml', MANIFEST);
    await save(folder);
    await expect.poll(get, SOON).toBe('Hello from Rust!\n');
  });

  it('waits for a first build that works', async () => {
    const folder = await folderWith('rhello');
    await rm(join(folder.path, 'src/guest.wasm'));
    const running = watch(folder);
    await running.printed(/failed with status 1[^]*Waiting for changes\n/, 'stderr');
    await save(folder);
    expect(await running.get('/')).toBe('Hello from Rust!\n');
  });

  it('serves on while the manifest is away, as it is when an editor or git replaces it', async () => {
    const folder = await folderWith('rhello');
    const running = watch(folder);
    const get = await answer(running);
    await rm(join(folder.path, 'spin.toml'));
    await running.printed(/Error: cannot read [^]*spin\.toml\n {2}SPK5002[^]*what ran before serves on\n/, 'stderr');
    expect(await get()).toBe('Hello from Rust!\n');
    await folder.write('spin.toml', MANIFEST.replace('/...', '/later/...'));
    await expect.poll(get, SOON).toBe('');
  });

  it('reloads without a build when an asset changes', async () => {
    const folder = await folderWith('rfiles');
    const running = watch(folder);
    const get = await answer(running, '/note.txt');
    expect(await get()).toBe('first');
    await folder.write('assets/note.txt', 'second');
    await expect.poll(get, SOON).toBe('second');
    expect(running.stderr.match(/Building component/g)).toHaveLength(1);
  });

  it('notices files and folders that were not there', async () => {
    const folder = await folderWith('rfiles');
    const running = watch(folder);
    const get = await answer(running, '/deep/new.txt');
    expect(await get()).toBe('error no-entry\n');
    await folder.write('assets/deep/new.txt', 'new');
    await expect.poll(get, SOON).toBe('new');
  });

  it('builds only components whose sources have changed, and all after a change of the manifest', async () => {
    const text = manifest({ one: part('one'), two: part('two') });
    const folder = await appFolder({
      'spin.toml': text,
      'one.src': await fixture('rhello'),
      'two.src': await fixture('rhello'),
    });
    const running = watch(folder);
    await running.serving();
    await writeFile(join(folder.path, 'two.src'), await fixture('rdump'));
    await running.printed(/Reloaded/, 'stderr');
    const built = (): string[] => [...running.stderr.matchAll(/^Building component (\w+)/gm)].map(([, id = '']) => id);
    expect(built()).toEqual(['one', 'two', 'two']);
    await folder.write('spin.toml', `${text}\n`);
    await running.printed(/Reloaded[^]*Reloaded/, 'stderr');
    expect(built()).toEqual(['one', 'two', 'two', 'one', 'two']);
  });

  it('with --skip-build waits for what is built elsewhere', async () => {
    const folder = await folderWith('rdump');
    await save(folder, 'src/../next.wasm');
    const running = watch(folder, '--skip-build');
    await running.printed(/Waiting for changes/, 'stderr');
    await copyFile(join(folder.path, 'next.wasm'), join(folder.path, 'guest.wasm'));
    expect(await running.get('/')).toBe('Hello from Rust!\n');
    expect(running.stderr).not.toContain('Building');
  });

  it('asks to say what a component is made of', async () => {
    const folder = await folderWith('rhello');
    await folder.write('spin.toml', MANIFEST.replace(/watch = .*/, ''));
    const running = watch(folder);
    await running.serving();
    expect(running.stderr).toContain("You haven't configured what to watch for the component: 'guest'");
  });

  it.each([
    ['a port that is taken', ['--listen'], 1, 'is already in use'],
    ['an unknown flag', ['--lisen', 'x'], 2, "error: unknown option '--lisen'"],
    ['a bad time', ['--debounce', 'soon'], 2, '--debounce must be a number of milliseconds'],
    ['no manifest', ['-f', 'next.wasm'], 1, 'is no application with a manifest'],
  ])('ends at once with %s', async (_what, args, status, message) => {
    const folder = await folderWith('rhello');
    const taken =
      args[0] === '--listen' ? [(await folder.up(['-f', 'next.wasm']).serving()).replace('http://', '')] : [];
    const { code, stderr } = await folder.run(['watch', ...args, ...taken]);
    expect([code, stderr]).toEqual([status, expect.stringContaining(message)]);
  });
});

/** On a connection of its own: what is refused or reset would show. */
function freshRequest(url: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
      response.on('error', (error) => resolve(String(error)));
    });
    asked.on('error', (error) => resolve(String(error)));
    asked.end();
  });
}
