import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { decodeComponent } from '../index.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

function refusal(input: Uint8Array): UserError {
  try {
    decodeComponent(input, { file: 'app.wasm' });
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was accepted');
}

describe('what is not a component', () => {
  it.each([
    ['an empty file', bytes(), 'the file is empty', 'byte 0'],
    ['a core module', bytes(...MAGIC, 1, 0, 0, 0), 'core modules are not supported yet', 'byte 4'],
    ['the magic number cut short', bytes(0x00, 0x61), 'the file ends within its first 8 bytes', 'byte 2'],
    ['a preamble cut short', bytes(...MAGIC, 0x0d, 0x00), 'the file ends within its first 8 bytes', 'byte 6'],
    ['a component of 2022', bytes(...MAGIC, 0x0a, 0, 1, 0), 'binary version 10 of layer 1', 'byte 4'],
    ['a layer of the future', bytes(...MAGIC, 0x0d, 0, 2, 0), 'binary version 13 of layer 2', 'byte 4'],
    ['a JavaScript file', text('export const x = 1;'), 'not a WebAssembly file', 'byte 0'],
    ['WebAssembly text', text('\n  (component)'), 'WebAssembly text', 'byte 0'],
    ['text behind comments', text(';; (c)\n(; old ;)(; new ;) ( module $m)'), 'WebAssembly text', 'byte 0'],
    ['a parenthesis', text('(define (f x) x)'), 'not a WebAssembly file', 'byte 0'],
  ])('is refused with its place and what to do: %s', (_, input, message, field) => {
    const error = refusal(input);
    expect(error.message).toContain(message);
    expect(error.place).toEqual({ file: 'app.wasm', field });
    expect(error.remedy).toMatch(/\.$/);
  });

  it('tells how to make a component of a core module', () => {
    expect(refusal(bytes(...MAGIC, 1, 0, 0, 0)).remedy).toContain('--adapt wasi_snapshot_preview1.reactor.wasm');
  });

  it('does not search long for text in a file that only looks like its beginning', () => {
    expect(refusal(text(`${'(;a;)'.repeat(800)}x`)).message).toContain('not a WebAssembly file');
  });

  it('accepts the smallest component there is', () => {
    expect(decodeComponent(bytes(...MAGIC, 0x0d, 0, 1, 0))).toMatchObject({ instanceCount: 1, exports: {} });
  });
});
