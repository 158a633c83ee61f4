// Reads what a push needs to know from the disk: digests and sizes, small contents, and that Wasm is Wasm
// (spin-contract.md §2.2, "Validation before push"). Large files are hashed as a stream and not kept.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LockedApp, UserError } from '@spindle/api';
import { digestFrom } from '../digest.ts';
import { fileTrouble, notWasm, unpushable } from '../errors.ts';
import { byCodePoints } from '../order.ts';
import { inParallel } from '../parallel.ts';
import { type ContentPlace, describePlace, files, wasmSources } from './content-refs.ts';
import { INLINE_MAX_BYTES, type LocalFile, type MountedFile, type PushContent } from './push-content.ts';
import { isWasmBinary, isWasmText } from './wasm-file.ts';

const PARALLEL_READS = 16; // As many as Spin copies at once; enough to keep a disk busy.

export async function readPushContent(locked: LockedApp, signal?: AbortSignal): Promise<PushContent> {
  const wasm = new Map<string, LocalFile>();
  const mounts = new Map<string, readonly MountedFile[]>();
  for (const component of locked.components) {
    for (const { place, ref } of wasmSources(component)) {
      const url = localUrl(ref.source, place);
      if (!wasm.has(url)) {
        wasm.set(url, await readWasm(fileURLToPath(url), place));
      }
    }
    for (const { place, ref } of files(component)) {
      const url = localUrl(ref.source, place);
      if (!mounts.has(url)) {
        mounts.set(url, await readMount(fileURLToPath(url), signal));
      }
    }
  }
  return { locked, wasm, mounts };
}

function localUrl(source: string | undefined, place: ContentPlace): string {
  if (source === undefined || !source.startsWith('file:')) {
    throw unpushable(source ?? place.component, `${describePlace(place)} is not a file of this machine`);
  }
  return source;
}

async function readWasm(path: string, { component, kind, name }: ContentPlace): Promise<LocalFile> {
  const { head, ...facts } = await readFacts(path);
  // The text of a module is small; a binary may have any size and shows itself in its first bytes.
  if (!isWasmBinary(head) && !isWasmText(await readAll(path))) {
    // Spin's own sentences.
    const what = kind === 'component' ? `Component ${component} source` : `${kind} ${name} for component ${component}`;
    throw notWasm(`${what} is not a valid .wasm file`, path);
  }
  return facts;
}

async function readMount(root: string, signal: AbortSignal | undefined): Promise<readonly MountedFile[]> {
  const found = (await isDirectory(root)) ? await Array.fromAsync(listFiles(root, '')) : [''];
  const read: MountedFile[] = [];
  await inParallel(found, PARALLEL_READS, signal, async (name) => {
    const path = name === '' ? root : join(root, name);
    const { head: _head, ...facts } = await readFacts(path);
    read.push({ name, ...facts });
  });
  return read.toSorted((a, b) => byCodePoints(a.name, b.name));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw fileTrouble(path, 'read the files of a component', cause);
  }
}

async function* listFiles(root: string, below: string): AsyncGenerator<string, void, undefined> {
  const directory = join(root, below);
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        yield* listFiles(root, name);
      } else if (entry.isFile()) {
        yield name;
      } else {
        // A link may lead out of the folder, and a device or a socket has no content.
        throw unpushable(join(root, name), 'it is neither a regular file nor a directory');
      }
    }
  } catch (cause) {
    throw cause instanceof UserError ? cause : fileTrouble(directory, 'read the files of a component', cause);
  }
}

/** With the first bytes of the content, all of it when it is small. */
async function readFacts(path: string): Promise<LocalFile & { readonly head: Buffer }> {
  const hash = createHash('sha256');
  const head = Buffer.alloc(INLINE_MAX_BYTES);
  let size = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      if (Buffer.isBuffer(chunk)) {
        hash.update(chunk);
        chunk.copy(head, Math.min(size, head.byteLength));
        size += chunk.byteLength;
      }
    }
  } catch (cause) {
    throw fileTrouble(path, 'read a file of a component', cause);
  }
  const inline = size <= INLINE_MAX_BYTES ? head.subarray(0, size) : undefined;
  return { path, digest: digestFrom(hash), size, inline, head: head.subarray(0, size) };
}

async function readAll(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileTrouble(path, 'read the component', cause);
  }
}
