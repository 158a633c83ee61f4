// Files that the user names on the command line. They are few and needed before anything else can go on.
import { readFileSync } from 'node:fs';
import { unreadableFile } from './errors.ts';

/** `flag` is where the path came from. */
export function readBytes(path: string, flag: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unreadableFile(path, flag, cause);
  }
}

export const readText = (path: string, flag: string): string => readBytes(path, flag).toString('utf8');
