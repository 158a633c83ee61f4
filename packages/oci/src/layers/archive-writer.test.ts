import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { changedWhilePushing } from '../errors.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { thrown } from '../testing/thrown.ts';
import { readArchive } from './archive-reader.ts';
import { type ArchiveFile, writeArchive } from './archive-writer.ts';

const file = (name: string, content: string | Buffer): ArchiveFile => {
  const bytes = Buffer.from(content);
  return {
    name,
    size: bytes.byteLength,
    open: async function* () {
      yield bytes;
    },
  };
};

async function archive(files: readonly ArchiveFile[]): Promise<Buffer> {
  const path = join(await tempDir(), 'archive.tar.gz');
  const written = await writeArchive(files, path);
  const bytes = await readFile(path);
  expect(written).toEqual({ digest: digestOf(bytes), size: bytes.byteLength });
  return bytes;
}

test('the same files give the same bytes, in whatever order they come', async () => {
  const files = [file('b', 'two'), file('a/z', 'one'), file('ä', 'three')];
  const [first, second] = [await archive(files), await archive(files.toReversed())];
  expect(first.equals(second)).toBe(true);
});

test('the archive has a complete end, no times and no owners', async () => {
  const tar = gunzipSync(await archive([file('a.txt', 'content')]));
  expect(tar.subarray(-1024).equals(Buffer.alloc(1024))).toBe(true);
  const header = tar.subarray(0, 512);
  const field = (from: number, to: number): string =>
    header
      .subarray(from, to)
      .toString('latin1')
      .replace(/[\0 ]+$/, '');
  expect({
    mode: field(100, 108),
    uid: field(108, 116),
    gid: field(116, 124),
    mtime: field(136, 148),
    owner: field(265, 329),
  }).toEqual({
    mode: '000644',
    uid: '000000',
    gid: '000000',
    mtime: '00000000000',
    owner: '',
  });
});

test('what is written is read back, whatever the names and contents', async () => {
  const name = fc.stringMatching(/^[a-zé日][a-zé日 ._-]{0,40}$/u).map((text) => text.trim());
  const names = fc.uniqueArray(
    fc.array(name, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('/')),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(names, fc.uint8Array({ maxLength: 2000 }), async (paths, content) => {
      // A name that is also the folder of another cannot be a file.
      const usable = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}/`)));
      const bytes = await archive(usable.map((path) => file(path, Buffer.from(content))));
      const found = new Map<string, Buffer>();
      async function* source(): AsyncGenerator<Uint8Array> {
        yield bytes;
      }
      await readArchive(
        source(),
        async (path, data) => {
          found.set(path, Buffer.concat(await Array.fromAsync(data)));
        },
        { where: 'ref', layer: 'layer' },
      );
      expect([...found.keys()].toSorted()).toEqual(usable.toSorted());
      expect([...found.values()].every((data) => data.equals(content))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a file that fails to be read is the error of the archive', async () => {
  const failure = changedWhilePushing('/x', 'its content is another');
  const broken: ArchiveFile = {
    name: 'x',
    size: 10,
    // oxlint-disable-next-line require-yield -- fails before there is anything to give
    open: async function* () {
      throw failure;
    },
  };
  const path = join(await tempDir(), 'archive.tar.gz');
  expect(await thrown(() => writeArchive([file('a', 'x'), broken], path))).toBe(failure);
});

test('a file that has another length than was said is an error', async () => {
  const path = join(await tempDir(), 'archive.tar.gz');
  expect(await thrown(() => writeArchive([{ ...file('a', 'abc'), size: 5 }], path))).toBeInstanceOf(Error);
  expect(await thrown(() => writeArchive([{ ...file('a', 'abc'), size: 1 }], `${path}-2`))).toBeInstanceOf(Error);
});
