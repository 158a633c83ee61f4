// Reads a directory entry by entry, in the system's order: a directory may hold more names than memory should. Names
// are taken as bytes, because on Linux a name need not be text, and what is not text must be seen to be refused.
import { lstat, opendir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';

/** `absent`: it went away, or never was. `special`: a device, named pipe or socket. */
export type EntryType = 'file' | 'directory' | 'symlink' | 'special' | 'absent';

export interface Entry {
  /** Bytes that are not UTF-8 are replacement characters here. */
  readonly name: string;
  /** The name as messages show it, when it is not UTF-8. */
  readonly nameInBytes?: string;
  readonly type: EntryType;
}

interface TypeQuestions {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export async function* readDirectory(path: string): AsyncGenerator<Entry> {
  // The type declarations know `buffer` for readdir only; opendir takes it all the same.
  const directory = (await opendir(path, { encoding: 'buffer' as BufferEncoding })) as AsyncIterable<unknown>;
  for await (const dirent of directory as AsyncIterable<Dirent<Buffer>>) {
    const name = dirent.name.toString('utf8');
    const isUtf8 = Buffer.from(name, 'utf8').equals(dirent.name);
    yield { name, type: typeFrom(dirent), ...(isUtf8 ? {} : { nameInBytes: escapeBytes(dirent.name) }) };
  }
}

/** One entry by its name, without reading its directory. */
export async function readEntry(directory: string, name: string): Promise<Entry> {
  try {
    return { name, type: typeFrom(await lstat(join(directory, name))) };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) {
      return { name, type: 'absent' };
    }
    throw error;
  }
}

export function typeFrom(questions: TypeQuestions): EntryType {
  if (questions.isFile()) {
    return 'file';
  }
  if (questions.isDirectory()) {
    return 'directory';
  }
  return questions.isSymbolicLink() ? 'symlink' : 'special';
}

/** Whether an error comes from the operating system, with one of the codes if any are given. */
export function isSystemError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
  return code !== undefined && (codes.length === 0 || codes.includes(code));
}

function escapeBytes(name: Buffer): string {
  return Array.from(name, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
