// Keeps the names of functions, so that stack traces of guests stay readable. Names are no part of a module's meaning:
// V8 ignores them where they are wrong, and so does this.
import { RewriteError } from './error.ts';
import type { Input } from './input.ts';
import type { IndexSpace } from './layout.ts';
import { Output } from './output.ts';

const FUNCTION_NAMES = 1;

/** The custom section's content, or undefined when there are no names of functions in it. */
export function rewriteNames(input: Input, functions: IndexSpace): Output | undefined {
  try {
    const names = functionNames(input, functions);
    if (names === undefined) {
      return undefined;
    }
    const output = new Output(names.length + 16);
    output.name('name');
    output.section(FUNCTION_NAMES, names.written);
    return output;
  } catch (error) {
    if (!(error instanceof RewriteError)) {
      throw error;
    }
    // expected: names that are not as the format says; a module works without them
    return undefined;
  }
}

function functionNames(input: Input, functions: IndexSpace): Output | undefined {
  const { end } = input;
  while (input.at < end) {
    const id = input.byte();
    const length = input.u32();
    const start = input.at;
    input.skip(length);
    if (id === FUNCTION_NAMES) {
      input.end = input.at;
      input.at = start;
      return renumbered(input, functions);
    }
  }
  return undefined;
}

function renumbered(input: Input, functions: IndexSpace): Output {
  const output = new Output(input.end - input.at + 64);
  const count = input.count();
  output.u32(count);
  for (let left = count; left > 0; left -= 1) {
    output.u32(functions.moved(input.u32()));
    const start = input.at;
    input.skip(input.u32());
    output.copy(input.bytes, start, input.at);
  }
  return output;
}
