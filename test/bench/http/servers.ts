// The servers that are compared: ours, wasmtime serve (pooling allocator, precompiled), and bare node:http as the floor.
// Nothing is pinned: each may use every core.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fixturePath } from '../../guests/fixtures.ts';
import { cacheFolder, wasmtime } from '../tools.ts';
import { firstAnswer } from './first-answer.ts';
import type { BenchGuest } from './guests.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** What it is loaded with requests for. */
  readonly url: string;
  /** Another that it calls to answer; its CPU time counts too. */
  readonly behind: RunningServer | undefined;
  /** Milliseconds from spawn to the end of the first answer. */
  readonly firstAnswerMs: number;
  /** Body of the first answer. */
  readonly answer: Buffer;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  /** Starts it for a guest and waits for its first answer. */
  start(guest: BenchGuest): Promise<RunningServer>;
}

/** Names in reports. */
export const OURS = 'spindle';
export const WASMTIME = 'wasmtime serve';
export const BARE = 'node:http';

/** `cacheDir` undefined: the cold start, with an empty cache that is removed afterwards. `flags` go to `spindle up`. */
export const spindle = (cacheDir?: string, flags: readonly string[] = []): ServerKind => ({
  name: OURS,
  start: async (guest) =>
    startSpindle(guest, await manifestOf(guest.fixture), { flags, ...(cacheDir === undefined ? {} : { cacheDir }) }),
});

export interface SpindleOptions {
  readonly cacheDir?: string;
  readonly flags?: readonly string[];
  readonly behind?: RunningServer;
}

/** Starts `spindle up` with a manifest of this text. */
export function startSpindle(
  guest: BenchGuest,
  text: string,
  { cacheDir, flags = [], behind }: SpindleOptions,
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-bench-'));
  const cache = cacheDir ?? join(folder, 'cache');
  const manifest = join(folder, 'spin.toml');
  writeFileSync(manifest, text);
  const fixed = ['--state-dir', '', '--log-dir', '', '--quiet', '--cache-dir', cache];
  return running(
    guest,
    (port) =>
      spawn(
        process.execPath,
        [join(ROOT, 'cli/bin/spindle.js'), 'up', '-f', manifest, '--listen', `127.0.0.1:${port}`, ...fixed, ...flags],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      ),
    { behind, cleanUp: () => rmSync(folder, { recursive: true, force: true }) },
  );
}

/** One component for every path; `more` is text of its table. */
export const manifestOf = async (fixture: string, more = ''): Promise<string> => `spin_manifest_version = 2
[application]
name = "bench"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = ${JSON.stringify(resolve(await fixturePath(fixture)))}
${more}
`;

export const wasmtimeServe: ServerKind = {
  name: WASMTIME,
  start: (guest) => startWasmtime(guest),
};

export async function startWasmtime(guest: BenchGuest, behind?: RunningServer): Promise<RunningServer> {
  const component = await fixturePath(guest.fixture);
  const compiled = join(cacheFolder('compiled'), `${basename(component)}.${statSync(component).mtimeMs}.cwasm`);
  if (!existsSync(compiled)) {
    // A compilation that is interrupted must not pass for a whole one in the next run.
    execFileSync(wasmtime(), ['compile', '-O', 'pooling-allocator', component, '-o', `${compiled}.part`]);
    renameSync(`${compiled}.part`, compiled);
  }
  const fixed = ['serve', '-S', 'cli', '-O', 'pooling-allocator', '--allow-precompiled'];
  return running(
    guest,
    (port) => spawn(wasmtime(), [...fixed, '--addr', `127.0.0.1:${port}`, compiled], { stdio: 'ignore' }),
    { behind },
  );
}

export const bareNode: ServerKind = {
  name: BARE,
  start: async (guest) =>
    running(guest, (port) =>
      spawn(process.execPath, [join(import.meta.dirname, 'bare-server.cjs'), String(port)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    ),
};

/** Starts a server of any kind and waits for its first answer. `behind` is ended with it. */
export async function running(
  guest: BenchGuest,
  spawnOn: (port: number) => ChildProcess,
  { behind, cleanUp }: { readonly behind?: RunningServer | undefined; readonly cleanUp?: () => void } = {},
): Promise<RunningServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${guest.path}`;
  const spawned = performance.now();
  const child = spawnOn(port);
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    // A server gets this long to end in good order; held connections must not hold up the next measurement.
    const forced = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(forced);
    cleanUp?.();
    await behind?.stop();
  };
  try {
    const answer = await firstAnswer(child, url, guest.body);
    const firstAnswerMs = performance.now() - spawned;
    return { pid: child.pid as number, port, url, behind, firstAnswerMs, answer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
