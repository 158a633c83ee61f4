import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fileContent,
  heldContent,
  recipeContent,
  type ComponentContent,
  type ComponentFile,
  type ComponentRecipe,
} from './content.ts';
import { writeEntry } from './entry.ts';
import { digestOf } from './key.ts';

const ONE = new TextEncoder().encode('one');
const TWO = new TextEncoder().encode('two');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-content-'));
  path = join(folder, 'a.wasm');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

it('content that is held is digested', async () => {
  const content = heldContent(ONE);
  expect(content.digest).toBe(digestOf(ONE));
  expect(await content.read()).toEqual({ bytes: ONE, digest: content.digest });
});

const open = (file: ComponentFile, now = Date.now()): Promise<ComponentContent> => fileContent(file, folder, now);

/** As the next start but one would: the file has settled, and its digest been noted. */
async function noted(): Promise<ComponentContent> {
  const [note] = (await open({ path }, Date.now() + 10_000)).notes;
  if (note === undefined) {
    throw new Error('nothing was noted');
  }
  await writeEntry(folder, note.name, note.parts);
  return open({ path }, Date.now() + 10_000);
}

describe('a file', () => {
  it('whose digest is vouched for is not read before it is needed', async () => {
    const digest = digestOf(TWO);
    const content = await open({ path, digest });
    expect(content).toMatchObject({ digest, notes: [] });
    await expect(content.read()).rejects.toThrow('ENOENT');
  });

  it('is digested once it is read, whoever vouches for what', async () => {
    await writeFile(path, ONE);
    const content = await open({ path, digest: digestOf(TWO) });
    expect(content.digest).toBe(digestOf(TWO));
    expect((await content.read()).digest).toBe(digestOf(ONE));
  });

  it.each([undefined, 'sha256:no', 'md5:x'])('is digested when what is said of it is %j', async (digest) => {
    await writeFile(path, ONE);
    expect((await open({ path, digest })).digest).toBe(digestOf(ONE));
  });

  it('that was just written leaves no note, since it may be written again at the same time', async () => {
    await writeFile(path, ONE);
    expect((await open({ path })).notes).toEqual([]);
  });

  it('that was noted is not read for its digest', async () => {
    await writeFile(path, ONE);
    const content = await noted();
    expect(content).toMatchObject({ digest: digestOf(ONE), notes: [] });
    // A file that can no longer be read shows that nothing was held.
    await rm(path);
    await expect(content.read()).rejects.toThrow('ENOENT');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['written to', () => writeFile(path, TWO)],
    [
      'written to, and given back its old time',
      async () => {
        const { atime, mtime } = await stat(path);
        await writeFile(path, TWO);
        await utimes(path, atime, mtime);
      },
    ],
    [
      'replaced by another of the same size and time',
      async () => {
        const { atime, mtime } = await stat(path);
        await writeFile(join(folder, 'b'), TWO);
        await utimes(join(folder, 'b'), atime, mtime);
        await rename(join(folder, 'b'), path);
      },
    ],
  ])('that was noted is digested anew once it was %s', async (_, change) => {
    await writeFile(path, ONE);
    await noted();
    await change();
    expect((await open({ path })).digest).toBe(digestOf(TWO));
  });

  it('is digested anew when its note is damaged', async () => {
    await writeFile(path, ONE);
    await noted();
    const [note = ''] = (await readdir(folder)).filter((name) => name !== 'a.wasm');
    const bytes = await readFile(join(folder, note));
    bytes[bytes.indexOf('sha256:') + 10] = 0x30;
    await writeFile(join(folder, note), bytes);
    expect((await open({ path })).digest).toBe(digestOf(ONE));
  });

  it('takes no digest from a note of another path with the same name', async () => {
    await writeFile(path, ONE);
    const note = await open({ path }, Date.now() + 10_000);
    await writeFile(join(folder, 'other.wasm'), TWO);
    const other = await fileContent({ path: join(folder, 'other.wasm') }, folder, Date.now() + 10_000);
    await writeEntry(folder, other.notes[0]?.name ?? '', note.notes[0]?.parts ?? new Map());
    expect((await open({ path: join(folder, 'other.wasm') })).digest).toBe(digestOf(TWO));
  });
});

const concatenated: ComponentRecipe['make'] = async (inputs) => Buffer.concat(inputs);

const recipe = (changes: Partial<ComponentRecipe> = {}): ComponentRecipe => ({
  inputs: [{ path }, { path: join(folder, 'b.wasm') }],
  choices: 'one after the other',
  make: concatenated,
  ...changes,
});

const openRecipe = (changes?: Partial<ComponentRecipe>): Promise<ComponentContent> =>
  recipeContent(recipe(changes), folder, Date.now());

describe('what is made of several files', () => {
  beforeEach(async () => {
    await writeFile(path, ONE);
    await writeFile(join(folder, 'b.wasm'), TWO);
  });

  it('is made when it is read, and not before', async () => {
    let made = 0;
    const content = await openRecipe({
      make: (inputs) => {
        made += 1;
        return concatenated(inputs);
      },
    });
    expect(made).toBe(0);
    const { bytes, digest } = await content.read();
    expect(Buffer.from(bytes).toString()).toBe('onetwo');
    expect(digest).toBe(content.digest);
  });

  it('has the same digest as long as files and choices are the same', async () => {
    const { digest } = await openRecipe();
    expect((await openRecipe()).digest).toBe(digest);
    expect((await openRecipe({ choices: 'other' })).digest).not.toBe(digest);
    expect((await openRecipe({ inputs: recipe().inputs.toReversed() })).digest).not.toBe(digest);
    await writeFile(join(folder, 'b.wasm'), ONE);
    expect((await openRecipe()).digest).not.toBe(digest);
  });

  it('has the digest of what was read, when somebody vouched for another', async () => {
    const content = await openRecipe({ inputs: [{ path, digest: digestOf(TWO) }] });
    const { digest } = await openRecipe({ inputs: [{ path }] });
    expect(content.digest).not.toBe(digest);
    expect((await content.read()).digest).toBe(digest);
  });

  it('leaves a note for each of its files', async () => {
    const { notes } = await recipeContent(recipe(), folder, Date.now() + 10_000);
    expect(new Set(notes.map(({ name }) => name)).size).toBe(2);
  });
});
