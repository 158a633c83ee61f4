// Writes a tar archive (POSIX.1-1988 ustar) that depends on nothing but what is put into it: in the order of names, without
// times and names of owners. So the same files are the same bytes, wherever and whenever they are packed.

export type Entry = { readonly path: string; readonly owner?: number } & (
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mode?: number }
  | { readonly kind: 'folder'; readonly mode?: number }
  | { readonly kind: 'link'; readonly target: string }
);

const BLOCK = 512;
const TYPES = { file: '0', link: '2', folder: '5' } as const;
const MODES = { file: 0o644, link: 0o777, folder: 0o755 } as const;
/** What the header has room for. */
const MAX_NAME = 100;
const MAX_PREFIX = 155;

/** Paths have no leading slash. The folders above an entry come by themselves, where they are not given. */
export function tar(entries: readonly Entry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of complete(entries)) {
    const content = entry.kind === 'file' ? entry.content : new Uint8Array();
    parts.push(header(entry, content.length), content, new Uint8Array(-content.length & (BLOCK - 1)));
  }
  // Two empty blocks are the end.
  return Buffer.concat([...parts, new Uint8Array(2 * BLOCK)]);
}

function complete(entries: readonly Entry[]): Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    if (byPath.has(entry.path)) {
      throw new Error(`${entry.path} is there twice`);
    }
    byPath.set(entry.path, entry);
  }
  for (const { path } of entries) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      byPath.set(folder, byPath.get(folder) ?? { kind: 'folder', path: folder });
    }
  }
  return [...byPath.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function header(entry: Entry, size: number): Buffer {
  const { kind, owner = 0 } = entry;
  const block = Buffer.alloc(BLOCK);
  const text = (at: number, value: string): void => void block.write(value, at, 'utf8');
  const octal = (at: number, digits: number, value: number): void =>
    text(at, `${value.toString(8).padStart(digits, '0')}\0`);
  const [prefix, name] = split(kind === 'folder' ? `${entry.path}/` : entry.path);
  text(0, name);
  octal(100, 7, (kind === 'link' ? undefined : entry.mode) ?? MODES[kind]);
  octal(108, 7, owner);
  octal(116, 7, owner);
  octal(124, 11, size);
  octal(136, 11, 0);
  text(148, ' '.repeat(8));
  text(156, TYPES[kind]);
  text(157, kind === 'link' ? within(entry.target, MAX_NAME) : '');
  text(257, 'ustar\x0000');
  octal(329, 7, 0);
  octal(337, 7, 0);
  text(345, prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  text(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

function split(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= MAX_NAME) {
    return ['', path];
  }
  const slash = path.indexOf('/', path.length - MAX_NAME - 1);
  return slash < 0
    ? ['', within(path, MAX_NAME)]
    : [within(path.slice(0, slash), MAX_PREFIX), within(path.slice(slash + 1), MAX_NAME)];
}

function within(text: string, bytes: number): string {
  if (Buffer.byteLength(text) > bytes) {
    throw new Error(`${text} has more than the ${bytes} bytes that a header has room for`);
  }
  return text;
}
