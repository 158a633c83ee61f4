// Names of archive entries. They are never used as paths on this machine (content is stored by digest), but a name
// that tries to leave its directory shows an archive that no honest tool wrote. Pure.

const MAX_BYTES = 4096; // PATH_MAX of Linux: a longer name is no file anywhere, and each of its directories is remembered.

/** `./sub/file` as `sub/file`, the root as an empty text; a text with the reason when the name is refused. */
export function normaliseEntryName(name: string): { readonly name: string } | { readonly refused: string } {
  if (name === '' || name.includes('\0')) {
    return { refused: 'has an entry with an empty name or a zero byte in it' };
  }
  if (Buffer.byteLength(name) > MAX_BYTES) {
    return { refused: `has an entry whose name is longer than ${MAX_BYTES} bytes` };
  }
  // Backslashes separate on Windows, and are no part of what a portable archive may hold.
  if (/^[/\\]|^[A-Za-z]:[/\\]/.test(name)) {
    return { refused: 'has an entry with an absolute path' };
  }
  const parts = name.split(/[/\\]/);
  if (parts.includes('..')) {
    return { refused: 'has an entry with ".." in its path' };
  }
  if (name.includes('\\')) {
    return { refused: 'has an entry with a backslash in its path' };
  }
  return { name: parts.filter((part) => part !== '' && part !== '.').join('/') };
}

/** Remembers which names are files and which directories: one name may not be both, nor a file twice. */
export class EntryNames {
  readonly #files = new Set<string>();
  readonly #directories = new Set<string>(['']);

  /** The reason when the entry is refused. */
  add(name: string, kind: 'file' | 'directory'): string | undefined {
    if (kind === 'file' ? this.#files.has(name) || this.#directories.has(name) : this.#files.has(name)) {
      return 'has two entries of one name';
    }
    for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
      const parent = name.slice(0, slash);
      if (this.#files.has(parent)) {
        return 'has an entry below a file';
      }
      this.#directories.add(parent);
    }
    (kind === 'file' ? this.#files : this.#directories).add(name);
    return undefined;
  }
}
