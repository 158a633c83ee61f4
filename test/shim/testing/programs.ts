// What a container of the tests runs: a shell with a few commands, of this machine with the libraries they need.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { writeImageArchive } from '../../../hack/cluster/oci-archive.ts';

const run = promisify(execFile);

const COMMANDS = ['/bin/sh', '/bin/sleep', '/bin/cat', '/bin/echo', '/bin/env', '/bin/head'];

/** Writes an archive of an image with these commands. */
export async function writeShellImage(file: string, name: string): Promise<void> {
  const rootfs = await mkdtemp(join(tmpdir(), 'shell-image-'));
  try {
    await copyPrograms(rootfs);
    await writeImageArchive(file, name, rootfs, { Entrypoint: ['/bin/sh'], Env: ['PATH=/bin'] });
  } finally {
    await rm(rootfs, { recursive: true });
  }
}

/** The commands and their libraries. */
export async function copyPrograms(rootfs: string): Promise<void> {
  const libraries = new Set<string>();
  for (const command of COMMANDS) {
    const { stdout } = await run('ldd', [command]);
    for (const [path] of stdout.matchAll(/\/\S+/g)) {
      libraries.add(path);
    }
  }
  for (const path of [...COMMANDS, ...libraries]) {
    await mkdir(join(rootfs, dirname(path)), { recursive: true });
    await copyFile(path, join(rootfs, path));
  }
}
