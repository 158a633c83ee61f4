// The servers that are compared: ours, wasmtime serve (pooling allocator, precompiled), and bare node:http as the floor.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder, wasmtime } from '../tools.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface RunningServer {
  readonly pid: number;
  readonly baseUrl: string;
  /** Milliseconds from spawn to the first answer. */
  readonly firstAnswer: number;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  /** Starts it for a component; `path` is asked for the first answer. */
  start(component: string, path: string): Promise<RunningServer>;
}

/** How long a server may take to its first answer; wasmtime compiles a large guest for many seconds. */
const START_DEADLINE_MS = 120_000;

/** `cacheDir` undefined: the cold start, with an empty cache that is removed afterwards. */
export const spindle = (cacheDir?: string): ServerKind => ({
  name: 'spindle',
  start: async (component, path) => {
    const folder = mkdtempSync(join(tmpdir(), 'spindle-bench-'));
    const cache = cacheDir ?? join(folder, 'cache');
    writeFileSync(join(folder, 'spin.toml'), manifest(component));
    const port = await freePort();
    const child = spawn(
      process.execPath,
      [
        join(ROOT, 'cli/bin/spindle.js'),
        'up',
        '-f',
        join(folder, 'spin.toml'),
        '--listen',
        `127.0.0.1:${port}`,
        '--state-dir',
        '',
        '--log-dir',
        '',
        '--quiet',
        '--cache-dir',
        cache,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    return running(child, port, path, () => rmSync(folder, { recursive: true, force: true }));
  },
});

const manifest = (component: string): string => `spin_manifest_version = 2
[application]
name = "bench"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = ${JSON.stringify(resolve(component))}
`;

export const wasmtimeServe: ServerKind = {
  name: 'wasmtime serve',
  start: async (component, path) => {
    const compiled = join(cacheFolder('compiled'), `${basename(component)}.${statSync(component).mtimeMs}.cwasm`);
    if (!existsSync(compiled)) {
      // A compilation that is interrupted must not pass for a whole one in the next run.
      execFileSync(wasmtime(), ['compile', '-O', 'pooling-allocator', component, '-o', `${compiled}.part`]);
      renameSync(`${compiled}.part`, compiled);
    }
    const port = await freePort();
    const child = spawn(
      wasmtime(),
      ['serve', '-S', 'cli', '-O', 'pooling-allocator', '--allow-precompiled', '--addr', `127.0.0.1:${port}`, compiled],
      { stdio: ['ignore', 'ignore', 'ignore'] },
    );
    return running(child, port, path);
  },
};

export const bareNode: ServerKind = {
  name: 'node:http',
  start: async (_component, path) => {
    const port = await freePort();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-server.cjs'), String(port)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return running(child, port, path);
  },
};

async function running(
  child: ChildProcess,
  port: number,
  path: string,
  cleanUp = (): void => {},
): Promise<RunningServer> {
  const spawned = performance.now();
  const baseUrl = `http://127.0.0.1:${port}`;
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(forced);
    cleanUp();
  };
  try {
    await firstAnswer(child, baseUrl + path);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid as number, baseUrl, firstAnswer: performance.now() - spawned, stop };
}

async function firstAnswer(child: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) {
      throw new Error(`the server ended with status ${child.exitCode} before it answered`);
    }
    try {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (response.ok) {
        return;
      }
      throw new Error(`the first answer had status ${response.status}`);
    } catch (error) {
      // expected: nothing listens yet
      if ((error as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED') {
        throw error;
      }
    }
    await sleep(1);
  }
  throw new Error('the server gave no answer in time');
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
