// Hands the tests the guests of fixtures/ by name. Large ones are kept as <name>.wasm.br: those are unpacked once per
// machine, under a name that holds the digest of the packed file, so a new fixture never meets an old copy.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const FOLDER = join(import.meta.dirname, 'fixtures');
const unpack = promisify(brotliDecompress);

/** The path of a component that can be read as it is, e.g. for a manifest or a command line. */
export async function fixturePath(name: string): Promise<string> {
  const plain = join(FOLDER, `${name}.wasm`);
  if (existsSync(plain)) {
    return plain;
  }
  const packed = await readFile(`${plain}.br`).catch((cause: unknown) => {
    throw new Error(`no guest named ${name}: build it with test/guests/build.sh ${name}`, { cause });
  });
  const digest = createHash('sha256').update(packed).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), 'spindle-guests');
  const path = join(folder, `${name}-${digest}.wasm`);
  if (existsSync(path)) {
    return path;
  }
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, await unpack(packed));
  await rename(draft, path); // atomic: test files run in parallel
  return path;
}

/** The bytes of a component. */
export async function fixture(name: string): Promise<Uint8Array> {
  return readFile(await fixturePath(name));
}
