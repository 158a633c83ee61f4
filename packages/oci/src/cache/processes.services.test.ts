// Several processes on one cache, and processes that are killed while they write to it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningRegistry, startDockerRegistry } from '../../../../hack/services/docker-registry.ts';
import { digestOf } from '../digest.ts';
import { planPush, pullApp, pushApp, readPushContent } from '../index.ts';
import { wasm } from '../testing/image.ts';
import { localApp } from '../testing/local-app.ts';
import { startStallingProxy } from '../testing/stalling-proxy.ts';
import { tempDir } from '../testing/temp-dir.ts';

const PROGRAM = join(import.meta.dirname, '../testing/pull-program.ts');
const COMPONENT = Buffer.concat([wasm(''), Buffer.alloc(2_000_000, 'component')]);
const FILES = Object.fromEntries(
  Array.from({ length: 40 }, (_, at) => [`f${at}.txt`, Buffer.alloc(20_000, `content ${at} `)]),
);

let registry: RunningRegistry;
let appDir: string;
beforeAll(async () => {
  registry = await startDockerRegistry();
  appDir = await mkdtemp(join(tmpdir(), 'spindle-oci-app-'));
  for (const archive of [false, true]) {
    const content = await readPushContent(await localApp({ component: COMPONENT, files: FILES, directory: appDir }));
    const plan = planPush(content, { compose: true, archive, created: new Date(0) });
    await pushApp(plan, `${registry.host}/me/app:${archive ? 'archive' : 'layers'}`, { insecure: true });
  }
});
afterAll(async () => {
  await registry.stop();
  await rm(appDir, { recursive: true });
});

interface Cached {
  readonly path: string;
  readonly name: string;
}

async function cachedFiles(cacheDir: string): Promise<Cached[]> {
  const found: Cached[] = [];
  for (const kind of ['wasm', 'data']) {
    const directory = join(cacheDir, 'spin/registry', kind);
    const names = await readdir(directory).catch(() => []);
    found.push(...names.map((name) => ({ name, path: join(directory, name) })));
  }
  return found;
}

/** Final names whose content is not what they say. */
async function partialFiles(cacheDir: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, path } of await cachedFiles(cacheDir)) {
    if (!name.startsWith('.tmp-') && digestOf(await readFile(path)) !== name) {
      wrong.push(name);
    }
  }
  return wrong;
}

test.each(['layers', 'archive'])('processes that pull one app (%s) at once all get it whole', async (tag) => {
  const cacheDir = await tempDir();
  const run = promisify(execFile);
  const pulls = Array.from({ length: 3 }, () =>
    run(process.execPath, [PROGRAM, `${registry.host}/me/app:${tag}`, cacheDir]),
  );
  const outputs = (await Promise.all(pulls)).map(({ stdout }) => JSON.parse(stdout) as Record<string, string>);
  for (const paths of outputs) {
    expect(Object.keys(paths)).toHaveLength(41);
    const digests = await Promise.all(Object.values(paths).map(async (path) => digestOf(await readFile(path))));
    expect(digests).toEqual(Object.keys(paths));
  }
  expect((await cachedFiles(cacheDir)).filter(({ name }) => name.startsWith('.tmp-'))).toEqual([]);
});

test.each([
  ['layers', 20_000],
  ['layers', 300_000],
  ['layers', 1_500_000],
  ['archive', 1_000_000],
])(
  'a process that is killed in the middle of a pull (%s, after %i bytes) leaves no partial file',
  async (tag, bytes) => {
    const cacheDir = await tempDir();
    const proxy = await startStallingProxy(registry.host, bytes);
    const child = spawn(process.execPath, [PROGRAM, `${proxy.host}/me/app:${tag}`, cacheDir], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    await proxy.stalled;
    // What was passed on is on its way to the disk: wait until a file has some of it.
    while (!(await hasHalfFile(cacheDir))) {
      expect(child.exitCode).toBeNull();
      await delay(20);
    }
    child.kill('SIGKILL');
    await exited;
    expect(await partialFiles(cacheDir)).toEqual([]);
    expect((await cachedFiles(cacheDir)).some(({ name }) => name.startsWith('.tmp-'))).toBe(true);

    const pulled = await pullApp(`${registry.host}/me/app:${tag}`, { insecure: true, cacheDir });
    expect(pulled.paths.size).toBe(41);
    expect(await partialFiles(cacheDir)).toEqual([]);
  },
);

async function hasHalfFile(cacheDir: string): Promise<boolean> {
  for (const { name, path } of await cachedFiles(cacheDir)) {
    if (name.startsWith('.tmp-') && (await stat(path)).size > 0) {
      return true;
    }
  }
  return false;
}
