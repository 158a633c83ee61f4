// Files that the user names on the command line. They are few and needed before anything else can go on.
import { readFileSync } from 'node:fs';
import { UserError } from '@spindle/api';

/** `flag` is where the path came from. */
export function readBytes(path: string, flag: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UserError(`cannot read ${path}`, {
      file: path,
      field: flag,
      remedy: 'Give the path of a file that exists and can be read.',
      cause,
    });
  }
}

export const readText = (path: string, flag: string): string => readBytes(path, flag).toString('utf8');
