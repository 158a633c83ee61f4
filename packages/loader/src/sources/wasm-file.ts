// Tells what a file is before anything is made of it: a component, a core module, or something else with a reason. Reads
// the eight bytes of the header and then only the head of each top-level section, so a cut file is found in no time
// whatever its size. What the sections hold is the component decoder's to judge.
import type { Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

export type WasmKind = 'component' | 'module';

/** The file is not a WebAssembly binary; the message says why, without naming the file. */
export class WasmFormatError extends Error {
  override readonly name = 'WasmFormatError';
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(reason);
    this.remedy = remedy;
  }
}

const MAGIC = Buffer.from('\0asm');
const HEADER_BYTES = 8; // magic, version, layer (component model, Binary.md)
const SECTION_HEAD_BYTES = 6; // section id, and a size of at most 32 bits in LEB128
const WINDOW_BYTES = 65_536; // read at once, for files of many small sections

/** Throws WasmFormatError for what is not WebAssembly, and the system's error for what cannot be read. */
export async function inspectWasmFile(path: string): Promise<WasmKind> {
  const { size } = await statFile(path);
  const file = await open(path, 'r');
  try {
    const window = new FileWindow(file, size);
    const kind = kindFrom(await window.read(0, HEADER_BYTES * 4));
    await checkSections(window, size);
    return kind;
  } finally {
    await file.close();
  }
}

/** Before anything is opened: to open a named pipe is to wait for someone who writes to it. */
async function statFile(path: string): Promise<Stats> {
  if (path.includes('\0')) {
    throw new WasmFormatError('its path holds a NUL character');
  }
  const found = await stat(path);
  if (!found.isFile()) {
    throw new WasmFormatError(`it is not a file but a ${found.isDirectory() ? 'directory' : 'device, pipe or socket'}`);
  }
  return found;
}

/** Reads the header; `bytes` are the first of the file, some more than the header if there are more. */
function kindFrom(bytes: Buffer): WasmKind {
  if (bytes.length === 0) {
    throw new WasmFormatError('the file is empty (unexpected end-of-file at offset 0x0)');
  }
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC.subarray(0, bytes.length))) {
    throw isText(bytes)
      ? new WasmFormatError(
          'it is WebAssembly text, not the binary format',
          'Convert it: wasm-tools parse in.wat -o out.wasm',
        )
      : new WasmFormatError(`it does not begin with the bytes 00 61 73 6d (magic header) but with ${hex(bytes)}`);
  }
  if (bytes.length < HEADER_BYTES) {
    throw new WasmFormatError(
      `the file ends within its header (unexpected end-of-file at offset 0x${bytes.length.toString(16)})`,
    );
  }
  const version = bytes.readUInt16LE(4);
  const layer = bytes.readUInt16LE(6);
  if (layer === 0 && version === 1) {
    return 'module';
  }
  if (layer === 1 && version === 13) {
    return 'component';
  }
  throw layer === 1
    ? new WasmFormatError(
        `it is a component of the unknown format version ${version}`,
        'Build it with a current toolchain.',
      )
    : new WasmFormatError(`it is WebAssembly of the unknown version ${version}, layer ${layer}`);
}

async function checkSections(window: FileWindow, size: number): Promise<void> {
  for (let offset = HEADER_BYTES; offset < size;) {
    const head = await window.read(offset, SECTION_HEAD_BYTES);
    const length = readVarU32(head.subarray(1));
    if (length === undefined) {
      const reason = head.length < SECTION_HEAD_BYTES ? 'unexpected end-of-file' : 'a size that is no 32-bit number';
      throw new WasmFormatError(`the section at offset ${offset} has no size (${reason})`);
    }
    const start = offset + 1 + length.bytes;
    const end = start + length.value;
    if (end > size) {
      throw new WasmFormatError(
        `the file is cut short: section range ${start}..${end} is out of bounds (bound = ${size})`,
        'Build or download it again.',
      );
    }
    offset = end;
  }
}

function readVarU32(bytes: Buffer): { value: number; bytes: number } | undefined {
  let value = 0;
  for (let index = 0; index < bytes.length && index < 5; index += 1) {
    const byte = bytes[index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      return value < 2 ** 32 ? { value, bytes: index + 1 } : undefined;
    }
  }
  return undefined;
}

/** WAT begins with a parenthesis, maybe after blanks and comments. */
function isText(bytes: Buffer): boolean {
  return /^(\s|;;[^\n]*(\n|$)|\(;)*\(?/.exec(bytes.toString('latin1'))?.[0].includes('(') ?? false;
}

function hex(bytes: Buffer): string {
  return Array.from(bytes.subarray(0, MAGIC.length), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** A part of a file in memory, moved along it. */
class FileWindow {
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #buffer: Buffer;
  #start = 0;
  #end = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
    this.#buffer = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, size));
  }

  /** Fewer bytes than asked for only at the end of the file. */
  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.min(length, this.#size - offset);
    if (offset < this.#start || offset + wanted > this.#end) {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, this.#buffer.length, offset);
      this.#start = offset;
      this.#end = offset + bytesRead;
    }
    return this.#buffer.subarray(offset - this.#start, Math.min(offset + wanted, this.#end) - this.#start);
  }
}
