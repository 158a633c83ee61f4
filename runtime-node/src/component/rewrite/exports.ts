// The section of exports: those of the module under their names, then the engine's.
import type { CallRecorder } from './expressions.ts';
import type { Input } from './input.ts';
import type { Layout } from './layout.ts';
import { Output } from './output.ts';

export const FUNCTION = 0;
const TABLE = 1;
const MEMORY = 2;
export const GLOBAL = 3;
const TAG = 4;

/** Exported names that begin so are the engine's. */
const OURS = 'spindle:';

export interface AddedExport {
  readonly name: string;
  readonly kind: typeof FUNCTION | typeof GLOBAL;
  readonly index: number;
}

export interface RewrittenExports {
  readonly output: Output;
  /** Names that the module may not use. */
  readonly refused: readonly string[];
}

export function rewriteExports(
  input: Input | undefined,
  layout: Layout,
  added: readonly AddedExport[],
  calls: CallRecorder,
): RewrittenExports {
  const output = new Output(input === undefined ? 64 : input.end - input.at + 128);
  const refused: string[] = [];
  const count = input?.count() ?? 0;
  output.u32(count + added.length);
  if (input !== undefined) {
    for (let left = count; left > 0; left -= 1) {
      const start = input.at;
      const name = input.name();
      if (name.startsWith(OURS)) {
        refused.push(`an export named ${name}`);
      }
      const kind = input.byte();
      output.copy(input.bytes, start, input.at);
      output.u32(exported(input, kind, layout, calls));
    }
    input.expectEnd();
  }
  for (const { name, kind, index } of added) {
    output.name(name);
    output.byte(kind);
    output.u32(index);
  }
  return { output, refused };
}

function exported(input: Input, kind: number, layout: Layout, calls: CallRecorder): number {
  switch (kind) {
    case FUNCTION: {
      const func = input.index(layout.functions.total, 'function');
      calls.reference(func);
      return layout.functions.moved(func);
    }
    case GLOBAL:
      return layout.globals.moved(input.index(layout.globals.total, 'global'));
    case MEMORY:
      return input.index(layout.memories, 'memory');
    case TABLE:
    case TAG:
      return input.u32();
    default:
      throw input.fail(`0x${kind.toString(16)} is no kind of export`, input.at - 1);
  }
}
