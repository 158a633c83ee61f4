// How many files, sockets among them, this process may have open: what guests hold is a part of that, so that they
// cannot keep the listener from taking connections.
import { readFileSync } from 'node:fs';

/** Linux's default, for systems that do not tell. */
const USUAL_FILE_LIMIT = 1024;

/** `procLimits` as in /proc/self/limits. */
export function openFileLimit(procLimits: string | undefined): number {
  const found = /^Max open files +(\d+|unlimited)/m.exec(procLimits ?? '')?.[1];
  return found === undefined ? USUAL_FILE_LIMIT : found === 'unlimited' ? Infinity : Number(found);
}

export function readProcLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch (error) {
    // expected: only Linux has it, and a container may hide it
    if ((error as NodeJS.ErrnoException).code === undefined) {
      throw error;
    }
    return undefined;
  }
}
