import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { UserError } from '@spindle/api';
import { archiveOf, rawHeader, tarOf } from '../testing/tar.ts';
import { thrown, userError } from '../testing/thrown.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-limits.ts';
import { readArchive } from './archive-reader.ts';

const ORIGIN = { where: 'ref', layer: 'sha256:layer' };

async function* inChunks(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

/** Files by name; a file counts only when its content came to its end. */
async function unpack(
  archive: Buffer,
  limits?: Partial<ArchiveLimits>,
  chunkSize?: number,
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  await unpackInto(files, archive, limits, chunkSize);
  return files;
}

async function unpackInto(
  files: Map<string, Buffer>,
  archive: Buffer,
  limits: Partial<ArchiveLimits> = {},
  chunkSize?: number,
): Promise<void> {
  await readArchive(
    inChunks(archive, chunkSize),
    async (name, content, size) => {
      const bytes = Buffer.concat(await Array.fromAsync(content));
      expect(bytes.byteLength).toBe(size);
      files.set(name, bytes);
    },
    ORIGIN,
    { ...ARCHIVE_LIMITS, ...limits },
  );
}

const LONG = `${'directory/'.repeat(20)}file with a long näme.txt`;
const SOUND = {
  'sub/mid.txt': 'm'.repeat(129),
  'edge.txt': 'e'.repeat(128),
  'big.txt': 'B'.repeat(5000),
  empty: '',
  [LONG]: 'long',
};
const soundTar = (): Promise<Buffer> =>
  tarOf(
    { name: '.', type: 'directory' },
    { name: 'sub', type: 'directory' },
    ...Object.entries(SOUND).map(([name, content]) => ({ name, content })),
  );

describe('an archive layer', () => {
  test.each([1, 7, 512, 100_000])('gives its files in order, in chunks of %i bytes', async (chunkSize) => {
    const files = await unpack(gzipSync(await soundTar()), {}, chunkSize);
    expect([...files].map(([name, bytes]) => [name, bytes.toString()])).toEqual(Object.entries(SOUND));
  });

  test('may be empty', async () => {
    expect((await unpack(await archiveOf())).size).toBe(0);
    expect((await unpack(gzipSync(Buffer.alloc(0)))).size).toBe(0);
  });

  test('written by GNU tar or by an old tar is read too', async () => {
    const old = rawHeader({ name: 'old', size: '00000000003', type: '\0' });
    expect(await unpack(gzipSync(Buffer.concat([old, Buffer.from('abc'), Buffer.alloc(509)])))).toEqual(
      new Map([['old', Buffer.from('abc')]]),
    );
  });
});

describe('an archive whose end was cut off', () => {
  test('as Spin writes it, without the end of the tar and of the gzip, is read whole', async () => {
    const tar = await soundTar();
    const withoutEnd = tar.subarray(0, tar.byteLength - 1024);
    // A gzip header and a flushed stream without its last block, checksum and length.
    const gzip = Buffer.concat([
      Buffer.from('1f8b08000000000000ff', 'hex'),
      deflateRawSync(withoutEnd, { finishFlush: constants.Z_SYNC_FLUSH }),
    ]);
    expect(Object.fromEntries([...(await unpack(gzip))].map(([name, bytes]) => [name, bytes.toString()]))).toEqual(
      SOUND,
    );
  });

  test('behind the content of the last file, in its padding, is read whole', async () => {
    const tar = await tarOf({ name: 'a', content: 'first' }, { name: 'b', content: 'second' });
    const contentEnd = 512 + 512 + 512 + 'second'.length;
    expect([...(await unpack(gzipSync(tar.subarray(0, contentEnd)))).values()].map(String)).toEqual([
      'first',
      'second',
    ]);
  });

  test('in the content of a file names the file, and the file does not count', async () => {
    const tar = await tarOf({ name: 'a', content: 'first' }, { name: 'b', content: 'second' });
    const files = new Map<string, Buffer>();
    const error = await userError(() => unpackInto(files, gzipSync(tar.subarray(0, 512 * 3 + 3))));
    expect(error.message).toContain('ends in the middle of "b"');
    expect([...files.keys()]).toEqual(['a']);
  });

  test('anywhere gives only files that are whole, or the error', async () => {
    const contents = Object.values(SOUND);
    const gzip = gzipSync(await soundTar());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: gzip.byteLength }), async (length) => {
        const files = new Map<string, Buffer>();
        await attempt(() => unpackInto(files, gzip.subarray(0, length)));
        expect([...files.values()].map(String)).toEqual(contents.slice(0, files.size));
      }),
      { numRuns: 200 },
    );
  });
});

describe('an archive is refused, by its layer and the reason, with an entry', () => {
  test.each([
    ['symlink', { name: 'a', type: 'symlink', linkname: '/etc/passwd' }, 'of the type "symlink"'],
    ['link', { name: 'a', type: 'link', linkname: 'b' }, 'of the type "link"'],
    ['character device', { name: 'a', type: 'character-device' }, 'of the type "character-device"'],
    ['block device', { name: 'a', type: 'block-device' }, 'of the type "block-device"'],
    ['pipe', { name: 'a', type: 'fifo' }, 'of the type "fifo"'],
    ['way up', { name: '../a' }, '".." in its path'],
    ['hidden way up', { name: 'a/b/../../../c' }, '".." in its path'],
    ['directory above', { name: '..', type: 'directory' }, '".." in its path'],
    ['path from the root', { name: '/etc/passwd' }, 'an absolute path'],
    ['path of Windows', { name: 'C:\\a' }, 'an absolute path'],
    ['way up of Windows', { name: 'a\\..\\..\\b' }, '".." in its path'],
    ['name longer than any path', { name: 'a/'.repeat(100_000) }, 'longer than 4096 bytes'],
    ['long way up', { name: `${'a/'.repeat(150)}../../x` }, '".." in its path'],
  ] as const)('that is a %s', async (_, entry, reason) => {
    const error = await userError(async () => unpack(await archiveOf({ name: 'fine', content: 'x' }, entry)));
    expect([error.code, error.place]).toEqual(['SPK2012', { file: 'ref', field: 'sha256:layer' }]);
    expect(error.message).toContain(reason);
  });

  test('that has the name of another', async () => {
    const error = await userError(async () =>
      unpack(await archiveOf({ name: 'a', content: 'x' }, { name: './a', content: 'y' })),
    );
    expect(error.message).toContain('two entries of one name: "./a"');
  });

  test('below a file', async () => {
    const error = await userError(async () =>
      unpack(await archiveOf({ name: 'a', content: 'x' }, { name: 'a/b', content: 'y' })),
    );
    expect(error.message).toContain('below a file: "a/b"');
  });

  test.each([
    ['sparse file', 'S'],
    ['volume header', 'V'],
    ['unknown type', 'Z'],
  ])('that is a %s', async (_, type) => {
    const error = await userError(() =>
      unpack(gzipSync(Buffer.concat([rawHeader({ name: 'a', type }), Buffer.alloc(1024)]))),
    );
    expect(error.message).toContain('of the type');
  });

  test.each([
    ['a negative size', Buffer.from('fffffffffffffffffffffff0', 'hex')],
    ['a size beyond all numbers', Buffer.from('807fffffffffffffffffffff', 'hex')],
    ['a size that is no number', '99999999999'],
  ])('of %s', async (_, size) => {
    const error = await userError(() =>
      unpack(gzipSync(Buffer.concat([rawHeader({ name: 'a', size }), Buffer.alloc(2048)]))),
    );
    expect(error.code).toBe('SPK2012');
  });

  test('whose real name, in an extended header, leads out', async () => {
    const body = '22 path=../../outside\n';
    const size = body.length.toString(8).padStart(11, '0');
    const extended = Buffer.concat([
      rawHeader({ name: 'PaxHeader', size, type: 'x' }),
      Buffer.from(body.padEnd(512, '\0')),
    ]);
    const error = await userError(() =>
      unpack(gzipSync(Buffer.concat([extended, rawHeader({ name: 'harmless' }), Buffer.alloc(1024)]))),
    );
    expect(error.message).toContain('".." in its path: "../../outside"');
  });

  test('whose name is in a long-name record that leads out', async () => {
    const name = '/outside\0';
    const long = Buffer.concat([
      rawHeader({ name: '././@LongLink', size: name.length.toString(8).padStart(11, '0'), type: 'L' }),
      Buffer.from(name.padEnd(512, '\0')),
    ]);
    const error = await userError(() =>
      unpack(gzipSync(Buffer.concat([long, rawHeader({ name: 'harmless' }), Buffer.alloc(1024)]))),
    );
    expect(error.message).toContain('an absolute path: "/outside"');
  });
});

describe('an archive that unpacks to too much is refused', () => {
  test('by bytes, long before all have come out', async () => {
    let seen = 0;
    const bomb = gzipSync(await tarOf({ name: 'zeros', content: Buffer.alloc(20_000_000) }));
    const error = await userError(() =>
      readArchive(
        inChunks(bomb),
        async (_name, content) => {
          for await (const chunk of content) {
            seen += chunk.byteLength;
          }
        },
        ORIGIN,
        { ...ARCHIVE_LIMITS, bytes: 1_000_000 },
      ),
    );
    expect(error.message).toContain('more than 1000000 bytes');
    expect(seen).toBeLessThanOrEqual(1_000_000);
  });

  test('by what it makes of each byte', async () => {
    const bomb = gzipSync(await tarOf({ name: 'zeros', content: Buffer.alloc(5_000_000) }));
    expect((await userError(() => unpack(bomb, { ratioFrom: 1_000_000 }))).message).toContain(
      'more than 200 times its size',
    );
    expect((await unpack(bomb)).size).toBe(1);
  });

  test('by entries', async () => {
    const many = await archiveOf(...Array.from({ length: 11 }, (_, at) => ({ name: `f${at}` })));
    expect((await userError(() => unpack(many, { entries: 10 }))).message).toContain('more than 10 entries');
    expect((await unpack(many, { entries: 11 })).size).toBe(11);
  });

  test('a header that claims gigabytes costs nothing', async () => {
    const liar = gzipSync(Buffer.concat([rawHeader({ name: 'a', size: '77777777777' }), Buffer.alloc(512)]));
    expect((await userError(() => unpack(liar))).message).toContain('in the middle');
  });
});

describe('what is not an archive', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a half header', Buffer.from('1f8b08', 'hex')],
  ])('but %s has no files', async (_, bytes) => {
    expect((await unpack(bytes)).size).toBe(0);
  });

  test.each([
    ['text', Buffer.from('hello')],
    ['gzip of text', gzipSync(Buffer.from('hello '.repeat(200)))],
    ['Wasm', Buffer.from('0061736d01000000', 'hex')],
    ['a tar that is not compressed', rawHeader({ name: 'a' })],
  ])('but %s is refused', async (_, bytes) => {
    const error = await userError(() => unpack(bytes));
    expect([error.code, error.place.field]).toEqual(['SPK2012', 'sha256:layer']);
  });

  test('but has a wrong checksum at its end is refused', async () => {
    const gzip = await archiveOf({ name: 'a', content: 'x' });
    gzip.writeUInt8(gzip.readUInt8(gzip.byteLength - 5) ^ 0xff, gzip.byteLength - 5);
    expect((await userError(() => unpack(gzip))).message).toContain('not a tar archive in gzip');
  });
});

test('a failure of the caller comes back as it is', async () => {
  const failure = new TypeError('a defect');
  const archive = await archiveOf({ name: 'a', content: 'x' }, { name: 'b', content: 'y' });
  expect(await thrown(() => readArchive(inChunks(archive), () => Promise.reject(failure), ORIGIN))).toBe(failure);
});

test('a failure of the source comes back as it is', async () => {
  const failure = Object.assign(new Error('read error'), { code: 'EIO' });
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield (await archiveOf({ name: 'a', content: Buffer.alloc(100_000, 'x') })).subarray(0, 60);
    throw failure;
  }
  expect(
    await thrown(() => readArchive(broken(), async (_, content) => void (await Array.fromAsync(content)), ORIGIN)),
  ).toBe(failure);
});

describe('an archive with any damage', () => {
  /** Names may be damaged where nothing checks them; contents and escapes are what counts. */
  test('in the gzip never gives wrong content silently, never hangs, never escapes', async () => {
    const gzip = gzipSync(await soundTar());
    const contents = new Set(Object.values(SOUND));
    await fc.assert(
      fc.asyncProperty(damage(gzip.byteLength), async (edits) => {
        const files = new Map<string, Buffer>();
        const outcome = await attempt(() => unpackInto(files, damaged(gzip, edits)));
        expect(outcome === 'read' ? [...files.values()].filter((bytes) => !contents.has(String(bytes))) : []).toEqual(
          [],
        );
        expect([...files.keys()].filter((name) => /^\/|(^|\/)\.\.(\/|$)/.test(name))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('in the tar ends in files below the root or in the user’s error', async () => {
    const tar = await soundTar();
    await fc.assert(
      fc.asyncProperty(damage(tar.byteLength), async (edits) => {
        const files = new Map<string, Buffer>();
        await attempt(() => unpackInto(files, gzipSync(damaged(tar, edits), { level: 1 })));
        expect([...files.keys()].filter((name) => /^\/|(^|\/)\.\.(\/|$)/.test(name))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

const damage = (length: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: length - 1 }), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });

function damaged(bytes: Buffer, edits: readonly [number, number][]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, mask] of edits) {
    copy.writeUInt8(copy.readUInt8(at) ^ mask, at);
  }
  return copy;
}

async function attempt(operation: () => Promise<void>): Promise<'read' | 'refused'> {
  try {
    await operation();
    return 'read';
  } catch (error) {
    if (error instanceof UserError) {
      return 'refused';
    }
    throw error;
  }
}
