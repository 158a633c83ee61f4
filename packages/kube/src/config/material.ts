// PEM text that stands in a configuration or in a file beside it; a file is read whenever it is asked for, so that a new
// one counts.
import { readFile } from 'node:fs/promises';
import { UserError } from '@spindle/api';
import type { Material } from './kubeconfig-file.ts';

/** `what` is for the error: `certificate of the authority`. */
export async function readMaterial({ data, file }: Material, what: string): Promise<Buffer | undefined> {
  if (data !== undefined || file === undefined) {
    return data;
  }
  try {
    return await readFile(file);
  } catch (cause) {
    throw new UserError(`the ${what} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'SPK7004',
      file,
      remedy: 'Check that the file is there and may be read.',
      cause,
    });
  }
}
