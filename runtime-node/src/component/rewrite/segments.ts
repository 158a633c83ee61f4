// The sections that hold constant expressions and indices besides code: tables, elements, data, exports, start.
import type { CallRecorder, Expressions } from './expressions.ts';
import type { Input } from './input.ts';
import type { Layout } from './layout.ts';
import { Output } from './output.ts';
import { MAXIMUM, readLimits, SHARED, skipValueType, WIDE, type Limits } from './value-types.ts';

type Walk = (input: Input, output: Output) => Expressions;

/** A table that is given its first values begins with these two bytes. */
const WITH_VALUES = 0x40;

/**
 * What Spin lets a table have (spin-contract.md §8.2). Tables lie outside of what `--max-instance-memory` counts, and
 * V8 gives each of them up to ten million elements.
 */
const MAX_ELEMENTS = 100_000;

/** What a module has from the start it keeps. */
function writeCapped({ initial, maximum, shared, wide }: Limits, output: Output): void {
  const most = Math.max(initial, MAX_ELEMENTS);
  output.byte(MAXIMUM | (shared ? SHARED : 0) | (wide ? WIDE : 0));
  // A 64-bit number is written the same way; one that needs more than 32 bits is beyond V8, as this module will be.
  output.u32(Math.min(initial, LARGEST));
  output.u32(Math.min(maximum ?? most, most, LARGEST));
}

const LARGEST = 0xffff_ffff;

export function rewriteTables(input: Input, layout: Layout, walk: Walk): Output {
  const output = new Output();
  const count = input.count();
  output.u32(count);
  const expressions = walk(input, output);
  for (let index = 0; index < count; index += 1) {
    const withValues = input.bytes[input.at] === WITH_VALUES;
    if (withValues) {
      input.skip(2);
    }
    skipValueType(input, layout.types);
    expressions.flush();
    writeCapped(readLimits(input), output);
    expressions.resume();
    if (withValues) {
      expressions.constant();
    }
  }
  input.expectEnd();
  expressions.flush();
  return output;
}

/** Bits of the number before an element segment. */
const PASSIVE_OR_DECLARED = 1;
const WITH_INDEX = 2;
const WITH_EXPRESSIONS = 4;

export function rewriteElements(input: Input, layout: Layout, walk: Walk, calls: CallRecorder): Output {
  const output = new Output(input.end - input.at);
  const count = input.count();
  output.u32(count);
  const expressions = walk(input, output);
  for (let index = 0; index < count; index += 1) {
    const flags = input.u32();
    if (flags > (PASSIVE_OR_DECLARED | WITH_INDEX | WITH_EXPRESSIONS)) {
      throw input.fail(`${flags} is no kind of element segment`);
    }
    if ((flags & PASSIVE_OR_DECLARED) === 0) {
      if ((flags & WITH_INDEX) !== 0) {
        input.skipInteger();
      }
      expressions.constant();
    }
    // Segments of the first kinds leave out their type: references to functions.
    if ((flags & (PASSIVE_OR_DECLARED | WITH_INDEX)) !== 0) {
      if ((flags & WITH_EXPRESSIONS) === 0) {
        input.byte();
      } else {
        skipValueType(input, layout.types);
      }
    }
    const length = input.count();
    expressions.flush();
    for (let element = 0; element < length; element += 1) {
      if ((flags & WITH_EXPRESSIONS) === 0) {
        const func = input.index(layout.functions.total, 'function');
        calls.reference(func);
        output.u32(layout.functions.moved(func));
      } else {
        expressions.constant();
      }
    }
    expressions.resume();
  }
  input.expectEnd();
  return output;
}

/** Kinds of data segments: at an offset in memory 0, passive, at an offset in a memory by its index. */
const PASSIVE = 1;
const IN_MEMORY = 2;

export function rewriteData(input: Input, layout: Layout, walk: Walk): Output {
  const output = new Output(input.end - input.at + 64);
  const count = input.count();
  output.u32(count);
  const expressions = walk(input, output);
  for (let index = 0; index < count; index += 1) {
    const kind = input.u32();
    if (kind > IN_MEMORY) {
      throw input.fail(`${kind} is no kind of data segment`);
    }
    if (kind === IN_MEMORY) {
      input.index(layout.memories, 'memory');
    } else if (kind !== PASSIVE && layout.memories === 0) {
      throw input.fail('there is no memory');
    }
    if (kind !== PASSIVE) {
      expressions.constant();
    }
    input.skip(input.u32());
  }
  input.expectEnd();
  expressions.flush();
  return output;
}

export function rewriteStart(input: Input, { functions }: Layout): Output {
  const output = new Output();
  output.u32(functions.moved(input.index(functions.total, 'function')));
  input.expectEnd();
  return output;
}
