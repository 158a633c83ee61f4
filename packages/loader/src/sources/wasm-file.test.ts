import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../fixtures/tree.ts';
import { inspectWasmFile } from './wasm-file.ts';

const HELLO = new URL('../../../../test/guests/fixtures/rhello.wasm', import.meta.url);
const MODULE = Buffer.from('\0asm\x01\0\0\0', 'latin1');
const COMPONENT = Buffer.from('\0asm\x0d\0\x01\0', 'latin1');

let folder = '';
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function inspect(content: Uint8Array | string): Promise<string> {
  const path = join(folder, 'x.wasm');
  await writeFile(path, content);
  return inspectWasmFile(path).catch((error: unknown) => String(error));
}

test('a component and a core module are told apart', async () => {
  expect(await inspect(COMPONENT)).toBe('component');
  expect(await inspect(MODULE)).toBe('module');
  expect(await inspectWasmFile(HELLO.pathname)).toBe('component');
});

describe('what is neither is refused with the reason', () => {
  test.each([
    ['an empty file', '', 'the file is empty (unexpected end-of-file at offset 0x0)'],
    ['text', 'not wasm at all', 'it does not begin with the bytes 00 61 73 6d (magic header) but with 6e 6f 74 20'],
    ['one letter', 'x', 'with 78'],
    ['half a magic', '\0as', 'the file ends within its header (unexpected end-of-file at offset 0x3)'],
    ['half a version', '\0asm\x01\0', 'the file ends within its header (unexpected end-of-file at offset 0x6)'],
    ['WebAssembly text', ';; hello\n  (component)', 'it is WebAssembly text, not the binary format'],
    ['WebAssembly text after a block comment', '(; c ;)(module)', 'it is WebAssembly text, not the binary format'],
    ['an old component', '\0asm\x0c\0\x01\0', 'it is a component of the unknown format version 12'],
    ['a module of the future', '\0asm\x02\0\0\0', 'it is WebAssembly of the unknown version 2, layer 0'],
    ['a section without a size', '\0asm\x01\0\0\0\x01', 'the section at offset 8 has no size (unexpected end-of-file)'],
    ['an endless size', '\0asm\x01\0\0\0\x01\x80\x80\x80\x80\x80\x01', 'has no size (a size that is no 32-bit number)'],
    [
      'a section longer than the file',
      '\0asm\x01\0\0\0\x01\x05ab',
      'section range 10..15 is out of bounds (bound = 12)',
    ],
  ])('%s', async (_, content, reason) => {
    expect(await inspect(Buffer.from(content, 'latin1'))).toContain(reason);
  });
});

test('what is no file is refused without being opened', async () => {
  const server = createServer().listen(join(folder, 'socket'));
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  await expect(inspectWasmFile(join(folder, 'socket'))).rejects.toThrow(
    'it is not a file but a device, pipe or socket',
  );
  await expect(inspectWasmFile(folder)).rejects.toThrow('it is not a file but a directory');
  await expect(inspectWasmFile('a\0b')).rejects.toThrow('its path holds a NUL character');
  await expect(inspectWasmFile(join(folder, 'none'))).rejects.toThrow(/^ENOENT/);
});

test('a component that was cut anywhere but between two sections is refused', async () => {
  const hello = await readFile(HELLO);
  const ends = new Set(sectionEnds(hello));
  await fc.assert(
    fc.asyncProperty(fc.nat(hello.length - 1), async (length) => {
      fc.pre(!ends.has(length));
      expect(await inspect(hello.subarray(0, length))).toMatch(/^WasmFormatError: /);
    }),
    { numRuns: 60 },
  );
});

test('any bytes are answered with a kind or a reason', async () => {
  const header = fc.constantFrom(Buffer.alloc(0), MODULE, COMPONENT);
  await fc.assert(
    fc.asyncProperty(header, fc.uint8Array({ maxLength: 40 }), async (start, rest) => {
      expect(await inspect(Buffer.concat([start, rest]))).toMatch(/^(component|module|WasmFormatError: .+)$/s);
    }),
  );
});

test('many small sections are read through', async () => {
  const sections = Buffer.from('\x00\x01\x00', 'latin1');
  const content = Buffer.concat([MODULE, ...Array.from({ length: 50_000 }, () => sections)]);
  expect(await inspect(content)).toBe('module');
  expect(await inspect(content.subarray(0, -1))).toContain('out of bounds');
});

function sectionEnds(bytes: Buffer): number[] {
  const ends = [8];
  for (let offset = 8; offset < bytes.length;) {
    let size = 0;
    let shift = 0;
    let position = offset + 1;
    for (let byte = 0x80; byte >= 0x80; position += 1, shift += 7) {
      byte = bytes[position] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
    }
    offset = position + size;
    ends.push(offset);
  }
  return ends;
}
