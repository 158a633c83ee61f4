// What was fetched or packed once, by what it was made from: node_modules/.cache/images.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const CACHE = join(import.meta.dirname, '../../node_modules/.cache/images');

export async function cached(name: string, make: () => Promise<Uint8Array>): Promise<Buffer> {
  const path = join(CACHE, name);
  try {
    return await readFile(path);
  } catch {
    // expected: it is made now.
  }
  const content = Buffer.from(await make());
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, content);
  await rename(draft, path);
  return content;
}
