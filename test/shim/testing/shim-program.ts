// The shim of this checkout as a program that containerd can start: the sources, run by the Node that runs the tests.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../../shim/src/main.ts');

export async function writeShimProgram(folder: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'containerd-shim-spin-v2');
  const settings = Object.entries({ ...env, SPINDLE_SHIM_PROGRAM: file }).map(([name, value]) => `${name}='${value}' `);
  await writeFile(file, `#!/bin/sh\n${settings.join('')}exec '${process.execPath}' '${MAIN}' "$@"\n`);
  await chmod(file, 0o755);
}
