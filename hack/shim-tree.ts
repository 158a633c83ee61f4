// What a node needs of the shim, as a folder that can be anywhere on it: the program that containerd starts, and the runtime of
// the containers with the libraries it needs, so that nothing of the node's own is used.
// Usage: node hack/shim-tree.ts --out <folder> [--arch amd64 | arm64]
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildOf } from '../shim/src/process-interface/places.ts';

const ROOT = join(import.meta.dirname, '..');
export const SHIM_PROGRAM = 'containerd-shim-spin-v2';

const LOADERS = {
  amd64: 'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
  arm64: 'lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
} as const;

export type ShimArchitecture = keyof typeof LOADERS;

function node(...args: readonly string[]): void {
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** `<out>/bin`, `<out>/shim`, `<out>/runtime`. */
export function writeShimTree(out: string, architecture: ShimArchitecture): void {
  mkdirSync(dirname(out), { recursive: true });
  const draft = mkdtempSync(`${out}.`);
  try {
    chmodSync(draft, 0o755);
    node(join(ROOT, 'hack/bundle.ts'), '--if-stale', 'shim');
    const trees = join(draft, 'trees');
    node(join(ROOT, 'hack/images/build.ts'), '--only', 'runtime', '--arch', architecture, '--rootfs', trees);
    renameSync(join(trees, 'runtime', architecture), join(draft, 'runtime'));
    rmSync(trees, { recursive: true });
    for (const folder of ['bin', 'shim/dist']) {
      mkdirSync(join(draft, folder), { recursive: true });
    }
    const main = join(draft, 'shim/dist/main.cjs');
    copyFileSync(join(ROOT, 'shim/dist/main.cjs'), main);
    copyFileSync(join(ROOT, 'shim/src/app/first-module.cjs'), join(draft, 'shim/first-module.cjs'));
    // Says its version, and that the bundle is CommonJS.
    writeFileSync(join(draft, 'shim/package.json'), JSON.stringify({ name: SHIM_PROGRAM, version: '0.1.0' }));
    // What it says of itself, for the launcher to say.
    writeFileSync(join(draft, 'shim/info'), execFileSync(process.execPath, [main, '-info']));
    writeFileSync(join(draft, 'bin', SHIM_PROGRAM), launcher(LOADERS[architecture], main), { mode: 0o755 });
    rmSync(out, { recursive: true, force: true });
    renameSync(draft, out);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Node through the loader of the tree: the node may have another C library, or an older one. */
function launcher(loader: string, main: string): string {
  const text = readFileSync(join(ROOT, 'shim/src/process-interface/launcher.sh'), 'utf8');
  return text.replace('{build}', buildOf(main)).replace('{loader}', loader);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      arch: { type: 'string', default: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    },
  });
  if (values.out === undefined || !Object.hasOwn(LOADERS, values.arch)) {
    console.error('Usage: node hack/shim-tree.ts --out <folder> [--arch amd64 | arm64]');
    process.exit(2);
  }
  writeShimTree(resolve(values.out), values.arch as ShimArchitecture);
}
