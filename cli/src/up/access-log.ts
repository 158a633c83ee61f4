// Where the access log goes: to a file that is appended to, or with `-` to standard output.
import { createWriteStream, openSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunOptions } from '@spindle/runtime';
import { invalidFlag } from '../errors.ts';

export function openAccessLog(path: string, cwd: string): NonNullable<RunOptions['accessLog']> {
  const stream = path === '-' ? process.stdout : createWriteStream('', { fd: opened(resolve(cwd, path)) });
  let lost = false;
  // expected: the disk is full, or the reader has left; requests are answered nevertheless
  stream.on('error', () => (lost = true));
  return {
    write: (bytes) => {
      if (!lost) {
        stream.write(bytes);
      }
    },
    taken: async () => {
      if (!lost && stream.writableNeedDrain) {
        await new Promise<void>((resolved) => stream.write('', () => resolved()));
      }
    },
  };
}

function opened(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw invalidFlag('--access-log', 'a file that can be written', path, (error as Error).message);
  }
}
