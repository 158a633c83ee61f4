// The sections of functions and tags: the types of what is defined.
import type { GeneratedFunction } from './generated.ts';
import type { Input } from './input.ts';
import type { Layout } from './layout.ts';
import { Output } from './output.ts';

export function writeFunctions(
  input: Input | undefined,
  { types }: Layout,
  generated: readonly GeneratedFunction[],
): Output {
  const output = new Output(input === undefined ? 64 : input.end - input.at + 64);
  const count = input?.count() ?? 0;
  output.u32(count + generated.length);
  if (input !== undefined) {
    const start = input.at;
    for (let left = count; left > 0; left -= 1) {
      input.index(types, 'type');
    }
    input.expectEnd();
    output.copy(input.bytes, start, input.end);
  }
  for (const { type } of generated) {
    output.u32(types + type);
  }
  return output;
}

export function rewriteTags(input: Input, { types }: Layout): Output {
  const start = input.at;
  for (let left = input.count(); left > 0; left -= 1) {
    input.byte();
    input.index(types, 'type');
  }
  input.expectEnd();
  const output = new Output(input.end - start);
  output.copy(input.bytes, start, input.end);
  return output;
}
