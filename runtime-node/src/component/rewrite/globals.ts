// The section of globals: those of the module, `pages`, and behind them a shadow of each mutable one that keeps its
// value (spindle:save). A shadow is of the same type, but may be null until then.
import { Body } from './body.ts';
import type { Expressions } from './expressions.ts';
import type { Input } from './input.ts';
import type { IndexSpace, MutableGlobal } from './layout.ts';
import { Output } from './output.ts';
import { skipValueType } from './value-types.ts';

/** The binary form of a value type. */
type ValueType = Uint8Array;

interface OwnGlobal {
  readonly index: number;
  readonly type: ValueType;
}

/** The types of the module's globals that can change, and the globals as they are written. */
export interface RewrittenGlobals {
  readonly output: Output;
  readonly mutable: readonly OwnGlobal[];
}

const I32_TYPE = Uint8Array.of(0x7f);
const MUTABLE = 1;
const REF = 0x64;
const REF_NULL = 0x63;

export function rewriteGlobals(
  input: Input | undefined,
  space: IndexSpace,
  typeCount: number,
  walk: (input: Input, output: Output) => Expressions,
): RewrittenGlobals {
  const output = new Output();
  const mutable: OwnGlobal[] = [];
  if (input !== undefined) {
    const count = input.count();
    const expressions = walk(input, output);
    for (let index = 0; index < count; index += 1) {
      const start = input.at;
      skipValueType(input, typeCount);
      const type = input.bytes.subarray(start, input.at);
      if (input.byte() === MUTABLE) {
        mutable.push({ index: space.moved(space.imported + index), type });
      }
      expressions.constant();
    }
    input.expectEnd();
  }
  return { output, mutable };
}

export interface GlobalSection {
  readonly content: Output;
  readonly saved: readonly MutableGlobal[];
}

/** `initialPages` when the module has a `pages` of its own. */
export function writeGlobals(
  { output, mutable }: RewrittenGlobals,
  space: IndexSpace,
  { initialPages, save }: { readonly initialPages: number | undefined; readonly save: boolean },
): GlobalSection {
  const own = [...mutable];
  const defined = space.total - space.imported;
  let next = space.total + space.added;
  const added = new Output();
  if (initialPages !== undefined) {
    own.push({ index: next, type: I32_TYPE });
    next += 1;
    added.append(I32_TYPE);
    added.byte(MUTABLE);
    added.append(new Body().i32Const(initialPages).op(0x0b).instructions);
  }
  const saved: MutableGlobal[] = [];
  for (const { index, type } of save ? own : []) {
    saved.push({ index, shadow: next, nonNull: type[0] === REF });
    next += 1;
    writeShadow(added, type);
  }
  const content = new Output(output.length + added.length + 8);
  content.u32(defined + (next - space.total - space.added));
  content.append(output.written);
  content.append(added.written);
  return { content, saved };
}

function writeShadow(output: Output, type: ValueType): void {
  const [code] = type;
  const heapType = type.length > 1 ? type.subarray(1) : type;
  if (code === REF) {
    output.byte(REF_NULL);
    output.append(heapType);
  } else {
    output.append(type);
  }
  output.byte(MUTABLE);
  output.append(ZEROS.get(code ?? 0) ?? [0xd0, ...heapType]);
  output.byte(0x0b);
}

/** Constants of the number types; every other type is a reference, and its shadow null. */
const ZEROS: ReadonlyMap<number, readonly number[]> = new Map([
  [0x7f, [0x41, 0]],
  [0x7e, [0x42, 0]],
  [0x7d, [0x43, 0, 0, 0, 0]],
  [0x7c, [0x44, 0, 0, 0, 0, 0, 0, 0, 0]],
  [0x7b, [0xfd, 0x0c, ...Array<number>(16).fill(0)]],
]);
