// The folder for what one command makes and nobody needs afterwards.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WorkDir {
  readonly path: string;
  remove(): void;
}

/** Removed also when the process ends before its command does, as it may on a second signal. */
export async function makeWorkDir(prefix: string): Promise<WorkDir> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}
