// Spin's own answers to host calls, one a request, in order against one application with fresh stores: ours are the same,
// or an improvement that is listed here with its reason (and in docs/compat.md).
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask } from './client.ts';
import { serveManifest, type Served } from './serve-manifest.ts';

interface Golden {
  readonly manifest: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly cases: readonly (readonly [path: string, status: number, body: string])[];
}

const golden = JSON.parse(await readFile(join(import.meta.dirname, 'fixtures/spin-host.json'), 'utf8')) as Golden;

/** Where ours differs on purpose. */
const differences: Readonly<Record<string, { readonly reason: string; readonly expected: string }>> = {
  '/fs?/data/link': {
    reason: 'a symlink that leads out of the app is refused at start, so there is none here',
    expected: 'Err("NotFound Some(44)")',
  },
  '/fs/dir?/data': { reason: 'the same symlink', expected: 'Ok(["a.txt", "sub"])' },
};

/** How large a folder is, is up to the file system. */
const withoutFolderSize = (text: string): string => text.replace(/^Ok\(\(\d+, true\)\)$/, 'Ok((<size>, true))');

/** Rust appends where an error was made; no client depends on addresses in Spin's own program. */
const withoutBacktrace = (text: string): string => text.replace(/\\n\\nStack backtrace:\\n.*?"\)/s, '")');

const compared = (text: string): string => withoutFolderSize(withoutBacktrace(text));

let served: Served;
let garbage: Server;
let folder: string;

beforeAll(async () => {
  garbage = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('garbage\r\n'.repeat(10));
  });
  await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve));
  folder = await mkdtemp(join(tmpdir(), 'spindle-host-'));
  await mkdir(join(folder, 'assets/sub'), { recursive: true });
  await writeFile(join(folder, 'assets/a.txt'), 'file a');
  await writeFile(join(folder, 'assets/sub/b.txt'), 'file b');
  const manifest = filled(golden.manifest).replace('"rhost.wasm"', JSON.stringify(await fixturePath('shost')));
  await writeFile(join(folder, 'spin.toml'), manifest);
  served = await serveManifest(join(folder, 'spin.toml'), {
    env: { C: '3' },
    stateDir: join(folder, 'st'),
    variableEnv: { ...golden.environment, SPINDLE_RESET_MODE: process.env['SPINDLE_RESET_MODE'] },
  });
});

afterAll(async () => {
  await served?.stop();
  garbage?.close();
  await rm(folder, { recursive: true, force: true });
});

const filled = (text: string): string =>
  text.replaceAll('<garbage-port>', String((garbage.address() as AddressInfo).port));

describe('a host call answers as it does on Spin', () => {
  it.each(golden.cases)('%s', async (path, status, body) => {
    const expected = filled(differences[path]?.expected ?? body);
    const answer = await ask(served.port, filled(path));
    expect(answer.status).toBe(status);
    expect(compared(answer.body ?? '')).toBe(compared(expected));
  });

  it('where it differs there is a reason, and a call that it is about', () => {
    const paths = new Set(golden.cases.map(([path]) => path));
    expect(Object.keys(differences).filter((path) => !paths.has(path))).toEqual([]);
    expect(Object.values(differences).every(({ reason }) => reason !== '')).toBe(true);
  });
});
