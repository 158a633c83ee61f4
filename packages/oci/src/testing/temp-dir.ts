// A folder of its own for a test, removed when the test ends.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export async function tempDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'spindle-oci-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
