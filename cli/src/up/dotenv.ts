// Application variables from `.env` in the working directory, the lowest of the environment's (spec §5.2).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { unreadableDotenv } from '../errors.ts';

export async function readDotenv(directory: string): Promise<Record<string, string>> {
  const path = join(directory, '.env');
  try {
    return parse(await readFile(path));
  } catch (error) {
    // expected: most folders have no .env file
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {};
    }
    throw unreadableDotenv(path, error);
  }
}
