// A folder with files of a test, and the real command run in it. What was started ends with the test.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Finished, runSpindle, RunningSpindle, type SpindleOptions } from './run-spindle.ts';

export interface AppFolder {
  readonly path: string;
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** `spindle up` on a free port. */
  up(args?: readonly string[], options?: SpindleOptions): RunningSpindle;
  /** Any command, which goes on until it is stopped. */
  start(args: readonly string[], options?: SpindleOptions): RunningSpindle;
  /** Any command, to its end. */
  run(args: readonly string[], options?: SpindleOptions & { input?: string }): Promise<Finished>;
}

/** Files by name; the folder is the command's working directory and holds its temporary files, cache and home. */
export async function appFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<AppFolder> {
  const path = await mkdtemp(join(tmpdir(), 'spindle-cli-'));
  const started: RunningSpindle[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((running) => running.stop('SIGKILL')));
    await rm(path, { recursive: true, force: true });
  });
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  };
  for (const [name, content] of Object.entries(files)) {
    await write(name, content);
  }
  await mkdir(join(path, 'tmp'));
  const inFolder = (options: SpindleOptions): SpindleOptions => ({
    cwd: path,
    ...options,
    env: {
      HOME: join(path, 'home'),
      XDG_CACHE_HOME: join(path, 'cache'),
      TMPDIR: join(path, 'tmp'),
      // Compiled code of Spindle itself is the same for all tests; without it a start takes a second longer.
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      ...options.env,
    },
  });
  const start = (args: readonly string[], options: SpindleOptions = {}): RunningSpindle => {
    const running = new RunningSpindle(args, inFolder(options));
    started.push(running);
    return running;
  };
  return {
    path,
    write,
    start,
    up: (args = [], options = {}) => start(['up', '--listen', '127.0.0.1:0', ...args], options),
    run: (args, options = {}) => runSpindle(args, { ...options, ...inFolder(options) }),
  };
}

/** A manifest with one component for each route; each is `<id>.wasm`, with `table` as further lines of it. */
export function manifest(components: Readonly<Record<string, { route?: string; table?: string }>>, head = ''): string {
  const parts = Object.entries(components).map(
    ([id, { route = '/...', table = '' }]) => `
[[trigger.http]]
route = "${route}"
component = "${id}"
[component.${id}]
source = "${id}.wasm"
${table}`,
  );
  return `spin_manifest_version = 2
[application]
name = "tried"
version = "1.2.3"
${head}${parts.join('')}`;
}
