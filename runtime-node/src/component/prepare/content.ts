// The content of a component, read only when it is needed: what was prepared of it is found by its digest, and the
// digest of a file that has not changed is known from last time.
import { readFileSync, statSync, type BigIntStats } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readEntry, type Parts } from './entry.ts';
import { digestOf, isDigest } from './key.ts';

/** A file, and its digest where somebody vouches for it, as the locked app of an artefact does. */
export interface ComponentFile {
  readonly path: string;
  /** `sha256:<hex>` */
  readonly digest?: string | undefined;
}

/** Several files that become one component. It is known by what it is made of, and made only when it is needed. */
export interface ComponentRecipe {
  readonly inputs: readonly ComponentFile[];
  /** What else the result depends on, the version of `make` included. */
  readonly choices: string;
  /** The bytes of the component. */
  make(inputs: readonly Uint8Array[]): Promise<Uint8Array>;
}

interface Digested {
  readonly digest: string;
}

export interface ReadContent extends Digested {
  readonly bytes: Uint8Array;
}

export interface ComponentContent extends Digested {
  /** Reads it. The digest is that of what was read, whatever was said before. */
  read(): Promise<ReadContent>;
  /** Entries that tell the digest the next time. */
  readonly notes: readonly Note[];
}

interface Note {
  readonly name: string;
  readonly parts: Parts;
}

/** A file written within this time may be written again without a later time: file systems tell two seconds apart. */
const SETTLED_MS = 2_000;
const NOTE = 'digest';

export function heldContent(bytes: Uint8Array): ComponentContent {
  const content = { bytes, digest: digestOf(bytes) };
  return { digest: content.digest, read: async () => content, notes: [] };
}

/** `folder` is where notes of earlier starts are. */
export async function fileContent(
  file: ComponentFile,
  folder: string | undefined,
  now: number,
): Promise<ComponentContent> {
  const { path } = file;
  if (file.digest !== undefined && isDigest(file.digest)) {
    return { digest: file.digest, read: () => readDigested(path), notes: [] };
  }
  const found = statSync(path, { bigint: true });
  const identity = identityOf(path, found);
  const name = `file-${crc32(path).toString(16)}`;
  const noted = folder === undefined ? undefined : readNote(folder, name, identity);
  if (noted !== undefined) {
    return { digest: noted, read: () => readDigested(path), notes: [] };
  }
  const content = heldContent(readFileSync(path));
  const settled = now - Number(found.mtimeMs) > SETTLED_MS && now - Number(found.ctimeMs) > SETTLED_MS;
  // Unchanged from before it was read until after.
  return settled && identityOf(path, statSync(path, { bigint: true })) === identity
    ? { ...content, notes: [{ name, parts: new Map([[NOTE, bytesOf([identity, content.digest])]]) }] }
    : content;
}

/** `folder` is where notes of earlier starts are. */
export async function recipeContent(
  { inputs, choices, make }: ComponentRecipe,
  folder: string | undefined,
  now: number,
): Promise<ComponentContent> {
  const contents = await Promise.all(inputs.map((input) => fileContent(input, folder, now)));
  const digestOfAll = (parts: readonly Digested[]): string =>
    digestOf(new TextEncoder().encode(JSON.stringify([choices, ...parts.map(({ digest }) => digest)])));
  return {
    digest: digestOfAll(contents),
    read: async () => {
      const read = await Promise.all(contents.map((content) => content.read()));
      return { bytes: await make(read.map(({ bytes }) => bytes)), digest: digestOfAll(read) };
    },
    notes: contents.flatMap(({ notes }) => notes),
  };
}

async function readDigested(path: string): Promise<ReadContent> {
  // In one piece: another thread reads a large file in many, and each is waited for.
  const bytes = readFileSync(path);
  return { bytes, digest: digestOf(bytes) };
}

/** What changes whenever the file is written to, replaced, or another of its name. */
const identityOf = (path: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs, path].join(' ');

function readNote(folder: string, name: string, identity: string): string | undefined {
  const note = readEntry(folder, name)?.get(NOTE);
  if (note === undefined) {
    return undefined;
  }
  // Two paths may share a name: the later one has replaced the note of the other.
  const [of, digest] = JSON.parse(Buffer.from(note).toString()) as readonly [string, string];
  return of === identity ? digest : undefined;
}

const bytesOf = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
