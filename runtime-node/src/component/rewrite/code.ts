// The code section: every body walked once into one buffer, then put together, when it is known which functions are to
// check the time at their entry.
import type { CallRecorder, Expressions, Rewriting } from './expressions.ts';
import { Input } from './input.ts';
import { Output } from './output.ts';
import { skipValueType } from './value-types.ts';
import type { GeneratedFunction } from './generated.ts';

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
  rewriting: Rewriting & { readonly calls: BodyRecorder },
  walk: (input: Input, output: Output) => Expressions,
): Bodies {
  const output = new Output(input === undefined ? 0 : Math.ceil((input.end - input.at) * GROWTH));
  if (input === undefined ? count > 0 : input.count() !== count) {
    throw (input ?? new Input(new Uint8Array(), 0, 0, 'the code section')).fail('not one body for each function');
  }
  const offsets = new Uint32Array(2 * count + 1);
  if (input !== undefined) {
    const { types } = rewriting.layout;
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
      rewriting.calls.begin(size);
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

/** `checked` tells by the index of a defined function whether `check` goes to its entry. */
export function writeCode(
  { output: bodies, offsets }: Bodies,
  generated: readonly GeneratedFunction[],
  check: Uint8Array,
  checked: Uint8Array,
): Output {
  const { written } = bodies;
  const count = (offsets.length - 1) / 2;
  const output = new Output(written.length + 5 * count + check.length * checked.length + 1024);
  output.u32(count + generated.length);
  for (let index = 0; index < count; index += 1) {
    const start = offsets[2 * index] as number;
    const code = offsets[2 * index + 1] as number;
    const end = offsets[2 * index + 2] as number;
    const isChecked = checked[index] === 1;
    output.u32(end - start + (isChecked ? check.length : 0));
    output.copy(written, start, code);
    if (isChecked) {
      output.append(check);
    }
    output.copy(written, code, end);
  }
  for (const { body } of generated) {
    output.u32(body.length);
    output.append(body);
  }
  return output;
}
