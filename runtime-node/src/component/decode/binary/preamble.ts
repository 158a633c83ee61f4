// Tells what a file is from its first bytes (Component Model Binary.md "preamble"), so that each wrong kind of input
// gets an answer of its own.
import { DecodeError, malformed } from './error.ts';

export const PREAMBLE_BYTES = 8;
const MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** Version 13 of layer 1: the component binary format of WASI 0.2. */
const COMPONENT_VERSION = 0x0d;

const ADAPT =
  'Make a component of it: `jco new module.wasm --wasi-reactor -o component.wasm`, or ' +
  '`wasm-tools component new module.wasm --adapt wasi_snapshot_preview1.reactor.wasm -o component.wasm`.';
const BUILD = 'Give the .wasm file that the build of the component writes.';

/** White space and comments may stand before the first parenthesis of WebAssembly text; no comment in two ways. */
const TEXT_START = /^(?:\s|;;[^\n]*\n|\(;(?:(?!;\))[\s\S])*;\))*\(\s*(?:component|module)\b/;
/** Enough for a licence header before the first parenthesis. */
const TEXT_BYTES = 4_096;

export function expectComponent(bytes: Uint8Array): void {
  if (bytes.length === 0) {
    throw new DecodeError('the file is empty', 0, BUILD);
  }
  if (MAGIC.some((byte, index) => index < bytes.length && bytes[index] !== byte)) {
    throw notWasm(bytes);
  }
  if (bytes.length < PREAMBLE_BYTES) {
    throw malformed('the file ends within its first 8 bytes', bytes.length);
  }
  const version = (bytes[4] ?? 0) | ((bytes[5] ?? 0) << 8);
  const layer = (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8);
  if (layer === 0) {
    throw new DecodeError('this is a core WebAssembly module; core modules are not supported yet', 4, ADAPT);
  }
  if (layer !== 1 || version !== COMPONENT_VERSION) {
    throw new DecodeError(
      `component binary version ${version} of layer ${layer} is not supported (only version 13 of layer 1)`,
      4,
      'Build the component with current tools.',
    );
  }
}

function notWasm(bytes: Uint8Array): DecodeError {
  if (TEXT_START.test(new TextDecoder().decode(bytes.subarray(0, TEXT_BYTES)))) {
    return new DecodeError(
      'this is WebAssembly text, not a binary',
      0,
      'Translate it first: `wasm-tools parse component.wat -o component.wasm`.',
    );
  }
  return new DecodeError('this is not a WebAssembly file (it does not begin with `\\0asm`)', 0, BUILD);
}
