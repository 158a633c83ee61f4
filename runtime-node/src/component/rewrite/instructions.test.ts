// The table of instructions against V8: whatever immediates V8 accepts after an opcode are read as it reads them.
import { describe, expect, it } from 'vitest';
import { IMMEDIATE, OPCODES, PREFIXED } from './instructions.ts';
import { rewriteModule } from './index.ts';

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}

/**
 * A module with one of everything (types 0 to 5: function, struct and array of i32, struct of i8, array of i16, array of
 * functions), and this code where nothing on the stack can be of a wrong type.
 */
function moduleWith(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0x01, 0x01, 0x7f, 0x02, 0x40, 0x00, ...code, 0x00, 0x0b, 0x0b];
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [6, 0x60, 0, 0, 0x5f, 1, 0x7f, 1, 0x5e, 0x7f, 1, 0x5f, 1, 0x78, 1, 0x5e, 0x77, 1, 0x5e, 0x70, 1]),
    ...section(3, [1, 0]),
    ...section(4, [1, 0x70, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(13, [1, 0, 0]),
    ...section(6, [1, 0x7f, 1, 0x41, 0, 0x0b]),
    ...section(9, [1, 1, 0, 1, 0]),
    ...section(12, [1]),
    ...section(10, [1, ...leb(body.length), ...body]),
    ...section(11, [1, 1, 1, 0]),
  ]);
}

/** What may follow an opcode: numbers that are small, in all lengths that there are. */
const IMMEDIATES: readonly (readonly number[])[] = [
  [],
  [0],
  [1],
  [2],
  [0x40],
  [0x7f],
  [0x70],
  [0x80, 0],
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
  [4],
  [5, 0],
  [2, 2],
  [0x40, 0, 0],
  [0x41, 0, 0],
  [1, 0x7f],
  [1, 0, 0],
  [0, 0, 0],
  [0, 0, 0x6e, 0x6d],
  [3, 0, 0x6e, 0x6e],
  [0, 0, 0, 0],
  [0x40, 1, 0, 0, 0],
  [0x40, 2, 2, 0, 3, 0],
  Array<number>(8).fill(0),
  Array<number>(16).fill(0),
];
/** Opcodes that open a block, or that end or divide one. */
const CLOSING: readonly (readonly number[])[] = [[], [0x0b], [0x07, 0, 0x0b], [0x19, 0x0b], [0x05, 0x0b], [0x18, 0]];

const opcodes = [
  ...Array.from({ length: 0xfb }, (_, code) => [code]),
  ...[0xfb, 0xfc, 0xfe].flatMap((prefix) => Array.from({ length: 0x80 }, (_, code) => [prefix, ...leb(code)])),
  ...Array.from({ length: 0x180 }, (_, code) => [0xfd, ...leb(code)]),
];

function known([first = 0, ...rest]: readonly number[]): boolean {
  const code = (rest[0] ?? 0) + ((rest[1] ?? 0) << 7) - (rest.length > 1 ? 0x80 : 0);
  const kind = first < 0xfb ? OPCODES[first] : PREFIXED[first - 0xfb]?.[code];
  return kind !== undefined && kind !== IMMEDIATE.unknown;
}

/** Instructions that only stand between others, or that branch with a value. */
const IN_PLACE: readonly (readonly [opcode: readonly number[], code: readonly number[]])[] = [
  [[0x05], [0x04, 0x40, 0x05, 0x0b]],
  [[0x07], [0x06, 0x40, 0x07, 0, 0x0b]],
  [[0x09], [0x06, 0x40, 0x07, 0, 0x09, 0, 0x0b]],
  [[0x18], [0x06, 0x40, 0x18, 0]],
  [[0x19], [0x06, 0x40, 0x19, 0x0b]],
  [
    [0xfb, 0x18],
    [0x02, 0x6e, 0x00, 0xfb, 0x18, 3, 0, 0x6e, 0x6d, 0x0b, 0x1a],
  ],
  [
    [0xfb, 0x19],
    [0x02, 0x6e, 0x00, 0xfb, 0x19, 3, 0, 0x6e, 0x6d, 0x0b, 0x1a],
  ],
];

describe('every opcode that V8 has', () => {
  const accepted = new Set<string>();

  /** Whether the rewritten module is as valid as the module. */
  function isAlike(opcode: readonly number[], code: readonly number[]): boolean {
    const module = moduleWith(code);
    if (!WebAssembly.validate(module)) {
      return true;
    }
    accepted.add(opcode.join(' '));
    const { bytes } = rewriteModule(module, { timeChecks: true });
    return WebAssembly.validate(bytes);
  }

  it('is read with the immediates that V8 gives it', () => {
    for (const opcode of opcodes) {
      for (const immediates of IMMEDIATES) {
        for (const closing of CLOSING) {
          const code = [...opcode, ...immediates, ...closing];
          expect(isAlike(opcode, code), `code ${code.join(' ')}`).toBe(true);
        }
      }
    }
    for (const [opcode, code] of IN_PLACE) {
      expect(isAlike(opcode, code), `code ${code.join(' ')}`).toBe(true);
    }
  });

  it('is in the table, and nothing else is but the holes among vector instructions', () => {
    const names = opcodes.map((opcode) => opcode.join(' '));
    const table = opcodes.filter(known).map((opcode) => opcode.join(' '));
    expect(names.filter((name) => accepted.has(name) && !table.includes(name))).toEqual([]);
    const more = table.filter((name) => !accepted.has(name));
    expect(more.filter((name) => !name.startsWith('253 '))).toEqual([]);
    expect(more).toHaveLength(20); // core spec §5.4.9: numbers between 0x9a and 0xee
  });
});
