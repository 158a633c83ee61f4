// Which containers use which application of the node's store: a file for each, below /run, so that a reboot forgets them.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const containerKey = (namespace: string, id: string): string => `${namespace}.${id}`;

/** `app` is its name in the store. */
export function noteUse(folder: string, app: string, container: string): void {
  mkdirSync(join(folder, app), { recursive: true });
  writeFileSync(join(folder, app, container), '');
}

export function releaseUse(folder: string, container: string): void {
  for (const app of namesIn(folder)) {
    rmSync(join(folder, app, container), { force: true });
  }
}

export const isUsed = (folder: string, app: string): boolean => namesIn(join(folder, app)).length > 0;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // expected: nothing was ever used.
    return [];
  }
}
