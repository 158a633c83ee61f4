// The folder for what one command makes and nobody needs afterwards.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@spindle/api';

export interface WorkDir {
  readonly path: string;
  remove(): void;
}

/** Removed also when the process ends before its command does, as it may on a second signal. */
export async function makeWorkDir(prefix: string): Promise<WorkDir> {
  const path = await makeFolder(tmpdir(), prefix);
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}

async function makeFolder(parent: string, prefix: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, prefix));
  } catch (cause) {
    throw new UserError(
      `no folder can be made for temporary files: ${cause instanceof Error ? cause.message : cause}`,
      {
        code: 'SPK5032',
        file: parent,
        remedy:
          'Set TMPDIR to a folder that may be written to; in a container with a read-only root, mount one at /tmp.',
        cause,
      },
    );
  }
}
