// Application variables from `.env` in the working directory, the lowest of the environment's (spec §5.2).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';

export async function readDotenv(directory: string): Promise<Record<string, string>> {
  try {
    return parse(await readFile(join(directory, '.env')));
  } catch (error) {
    // expected: most folders have no .env file
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {};
    }
    throw error;
  }
}
