// Where the content of a locked app is on this machine.
import { fileURLToPath } from 'node:url';
import { UserError } from '@spindle/api';

/** The loader has put every content into a file. */
export function localPath(source: string | undefined, field: string): string {
  if (source === undefined || !source.startsWith('file:')) {
    throw new UserError(`${field} is not on this machine`, {
      code: 'SPK4015',
      field,
      remedy: 'Load the app before opening it.',
    });
  }
  return fileURLToPath(source);
}
