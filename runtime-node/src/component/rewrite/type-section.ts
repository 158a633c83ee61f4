// Counts types, which groups of recursive ones make several of, and adds the engine's own behind them.
import type { Input } from './input.ts';
import { Output } from './output.ts';
import { skipStorageType, skipValueType } from './value-types.ts';

const FUNC = 0x60;
const STRUCT = 0x5f;
const ARRAY = 0x5e;
const SUB = 0x50;
const SUB_FINAL = 0x4f;
const GROUP = 0x4e;

/** The most types that V8 takes; an index above it can be no type of a valid module (kV8MaxWasmTypes). */
const MAX_TYPES = 1_000_000;

export interface Types {
  readonly count: number;
  /** Which kinds of types there are whose values cannot be put back. */
  readonly aggregates: readonly string[];
}

export function countTypes(input: Input | undefined): Types {
  const aggregates = new Set<string>();
  let count = 0;
  if (input !== undefined) {
    for (let left = input.count(); left > 0; left -= 1) {
      let members = 1;
      if (input.bytes[input.at] === GROUP) {
        input.byte();
        members = input.count();
      }
      for (let index = 0; index < members; index += 1) {
        skipSubtype(input, aggregates);
      }
      count += members;
    }
    input.expectEnd();
  }
  return { count, aggregates: [...aggregates] };
}

/** Types may refer to later ones of their group, so their indices are left to V8. */
function skipSubtype(input: Input, aggregates: Set<string>): void {
  let form = input.byte();
  if (form === SUB || form === SUB_FINAL) {
    for (let left = input.count(); left > 0; left -= 1) {
      input.index(MAX_TYPES, 'type');
    }
    form = input.byte();
  }
  switch (form) {
    case FUNC:
      for (let left = input.count(); left > 0; left -= 1) {
        skipValueType(input, MAX_TYPES);
      }
      for (let left = input.count(); left > 0; left -= 1) {
        skipValueType(input, MAX_TYPES);
      }
      return;
    case STRUCT:
      aggregates.add('struct types');
      for (let left = input.count(); left > 0; left -= 1) {
        skipField(input);
      }
      return;
    case ARRAY:
      aggregates.add('array types');
      skipField(input);
      return;
    default:
      throw input.fail(`0x${form.toString(16)} is no type`, input.at - 1);
  }
}

function skipField(input: Input): void {
  skipStorageType(input, MAX_TYPES);
  input.byte();
}

const I32 = 0x7f;

/** The engine's function types, in the order in which they are added. */
export const ENGINE_TYPES = {
  nothing: 0,
  grow: 1,
  grown: 2,
  bulk: 3,
} as const;

const ADDED: readonly (readonly number[])[] = [
  [FUNC, 0, 0],
  [FUNC, 1, I32, 1, I32],
  [FUNC, 1, I32, 0],
  [FUNC, 3, I32, I32, I32, 0],
];

export function writeTypes(input: Input | undefined): Output {
  const output = new Output();
  output.u32((input?.count() ?? 0) + ADDED.length);
  if (input !== undefined) {
    output.copy(input.bytes, input.at, input.end);
  }
  for (const type of ADDED) {
    output.append(type);
  }
  return output;
}
