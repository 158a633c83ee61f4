// A word for who works in a folder below the application's.
import { dirname } from 'node:path';
import type { Console } from './console.ts';

/** The nearest spin.toml may be further up than the user thinks. */
export function noteOtherFolder(manifest: string, { cwd, err }: Pick<Console, 'cwd' | 'err'>): void {
  if (dirname(manifest) !== cwd) {
    err(`Using spin.toml from parent directory: ${dirname(manifest)}`);
  }
}
