// The bodies of functions, walked once into one buffer. assemble-code.ts makes the section of it when it is known which
// functions are to check the time at their entry.
import type { CallRecorder, Expressions } from './expressions.ts';
import { Input } from './input.ts';
import type { Layout } from './layout.ts';
import { Output } from './output.ts';
import { skipValueType } from './value-types.ts';

/** Where each body is in the buffer. */
export interface Bodies {
  readonly output: Output;
  /** For function i: start at 2i, first instruction at 2i + 1; the last entry is the end of all. */
  readonly offsets: Uint32Array;
}

export interface BodyRecorder extends CallRecorder {
  /** The body of the next defined function begins; it has that many bytes. */
  begin(size: number): void;
}

export function rewriteBodies(
  input: Input | undefined,
  count: number,
  layout: Layout,
  calls: BodyRecorder,
  walk: (input: Input, output: Output) => Expressions,
): Bodies {
  const output = new Output(input === undefined ? 0 : Math.ceil((input.end - input.at) * GROWTH));
  if (input === undefined ? count > 0 : input.count() !== count) {
    throw (input ?? new Input(new Uint8Array(), 0, 0, 'the code section')).fail('not one body for each function');
  }
  const offsets = new Uint32Array(2 * count + 1);
  if (input !== undefined) {
    const { types } = layout;
    const { end } = input;
    const expressions = walk(input, output);
    for (let index = 0; index < count; index += 1) {
      input.end = end;
      const size = input.u32();
      const next = input.at + size;
      if (next > end) {
        throw input.fail(`a body of ${size} bytes where only ${end - input.at} are left`);
      }
      input.end = next;
      expressions.resume();
      calls.begin(size);
      offsets[2 * index] = output.length;
      skipLocals(input, types);
      expressions.flush();
      offsets[2 * index + 1] = output.length;
      expressions.body();
    }
    input.end = end;
    input.expectEnd();
  }
  offsets[2 * count] = output.length;
  return { output, offsets };
}

/** Renumbering adds little; more is given when it is needed. */
const GROWTH = 1.05;

function skipLocals(input: Input, types: number): void {
  for (let left = input.count(); left > 0; left -= 1) {
    input.skipInteger();
    skipValueType(input, types);
  }
}
