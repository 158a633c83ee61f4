// The programs the benchmarks need beside Node: found in PATH, else installed once into a cache folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'spindle-bench');

/** Newest release that a toolchain of the 1.9x line builds. */
const WASMTIME_VERSION = '48.0.8';

/** What `serve` with the pooling allocator and precompiled components needs; the rest only costs build time. */
const WASMTIME_FEATURES =
  'serve,run,compile,cranelift,pooling-allocator,component-model,component-model-async,parallel-compilation,wasi-http,wat';

/** Path of wasmtime; the first call on a machine builds it, which takes some minutes. */
export function wasmtime(): string {
  const root = join(CACHE, `wasmtime-${WASMTIME_VERSION}`);
  const binary = join(root, 'bin/wasmtime');
  if (!existsSync(binary)) {
    console.error(`installing wasmtime ${WASMTIME_VERSION} with cargo into ${root} (once)`);
    mkdirSync(root, { recursive: true });
    execFileSync(
      'cargo',
      [
        'install',
        'wasmtime-cli',
        '--version',
        WASMTIME_VERSION,
        '--locked',
        '--no-default-features',
        '--features',
        WASMTIME_FEATURES,
        '--root',
        root,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
  }
  return binary;
}

/** Path of wrk; installed as a Debian package where it is missing. */
export function wrk(): string {
  if (!inPath('wrk')) {
    console.error('installing wrk (Debian package)');
    execFileSync('apt-get', ['install', '-y', '-q', 'wrk'], { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return 'wrk';
}

const inPath = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

/** A folder for what a benchmark makes (compiled components), kept between runs. */
export function cacheFolder(name: string): string {
  const folder = join(CACHE, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
