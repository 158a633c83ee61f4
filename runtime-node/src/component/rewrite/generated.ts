// The functions that the engine adds behind those of a module. Nothing of the module can name them but through what
// was rewritten.
import { Body } from './body.ts';
import type { Layout, MutableGlobal } from './layout.ts';
import { ENGINE_TYPES } from './type-section.ts';

export interface GeneratedFunction {
  /** Index among the engine's types. */
  readonly type: number;
  readonly body: Uint8Array;
}

/** Adds functions when they are first needed, and knows their indices from then on. */
export class GeneratedFunctions {
  readonly list: GeneratedFunction[] = [];
  readonly #layout: Layout;
  readonly #indices = new Map<string, number>();

  constructor(layout: Layout) {
    this.#layout = layout;
    if (layout.virtual === 'own') {
      this.#index('grow', ENGINE_TYPES.grow, () => grow(layout));
    }
  }

  saveAndRestore(globals: readonly MutableGlobal[]): { readonly save: number; readonly restore: number } {
    return {
      save: this.#index('save', ENGINE_TYPES.nothing, () => save(globals)),
      restore: this.#index('restore', ENGINE_TYPES.nothing, () => restore(globals)),
    };
  }

  memoryFill(): number {
    return this.#index('memory.fill', ENGINE_TYPES.bulk, () => bulk(this.#layout, [DESTINATION], FILL, 0));
  }

  memoryCopy(): number {
    return this.#index('memory.copy', ENGINE_TYPES.bulk, () => bulk(this.#layout, [DESTINATION, SOURCE], COPY, 0, 0));
  }

  memoryInit(segment: number): number {
    return this.#index(`memory.init ${segment}`, ENGINE_TYPES.bulk, () =>
      bulk(this.#layout, [DESTINATION], INIT, segment, 0),
    );
  }

  #index(name: string, type: number, body: () => Uint8Array): number {
    let index = this.#indices.get(name);
    if (index === undefined) {
      index = this.#layout.firstGenerated + this.list.length;
      this.#indices.set(name, index);
      this.list.push({ type, body: body() });
    }
    return index;
  }
}

/** Calls the engine when the flag in its memory is set. Neither takes nor leaves anything on the stack. */
export function interruptCheck({ memories, interrupted }: Layout): Uint8Array {
  return new Body()
    .i32Const(0)
    .load(memories)
    .when((then) => then.call(interrupted)).instructions;
}

const MEMORY_SIZE = [0x3f, 0];
const MEMORY_GROW = [0x40, 0];
const I32_EQ = 0x46;
const I32_LT_U = 0x49;
const I32_GT_U = 0x4b;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const RETURN = 0x0f;

const refuse =
  ({ grown }: Layout) =>
  (body: Body): Body =>
    body.i32Const(-1).call(grown).i32Const(-1).op(RETURN);

/** `memory.grow` on the virtual size. The real memory never shrinks, so it may already be large enough. */
function grow(layout: Layout): Uint8Array {
  const { pages, grown } = layout;
  const DELTA = 0;
  const SIZE = 1;
  return new Body(1)
    .globalGet(pages)
    .localGet(DELTA)
    .op(I32_ADD)
    .localTee(SIZE)
    .globalGet(pages)
    .op(I32_LT_U) // the sum wrapped
    .when(refuse(layout))
    .localGet(SIZE)
    .op(...MEMORY_SIZE, I32_GT_U)
    .when((then) =>
      then
        .localGet(SIZE)
        .op(...MEMORY_SIZE, I32_SUB, ...MEMORY_GROW)
        .i32Const(-1)
        .op(I32_EQ)
        .when(refuse(layout)),
    )
    .globalGet(pages) // what is returned
    .localGet(SIZE)
    .globalSet(pages)
    .localGet(DELTA)
    .when((then) => then.localGet(SIZE).call(grown))
    .finish();
}

const DESTINATION = 0;
const SOURCE = 1;
const LENGTH = 2;
const INIT = 0x08;
const COPY = 0x0a;
const FILL = 0x0b;

const I64_EXTEND_I32_U = 0xad;
const I64_ADD = 0x7c;
const I64_SHL = 0x86;
const I64_GT_U = 0x56;
/** log2 of the bytes of a page. */
const PAGE_SHIFT = 16;

/**
 * A bulk instruction that goes by the virtual size: the ranges that begin at `starts` must end within it, or else it
 * fails as the instruction itself does. What lies beyond may be protected, and V8 would not survive touching that.
 */
function bulk(layout: Layout, starts: readonly number[], code: number, ...immediates: readonly number[]): Uint8Array {
  const body = new Body();
  if (layout.timeChecks) {
    // A few instructions may fill gigabytes.
    body.op(...interruptCheck(layout));
  }
  for (const start of starts) {
    body
      .localGet(start)
      .op(I64_EXTEND_I32_U)
      .localGet(LENGTH)
      .op(I64_EXTEND_I32_U, I64_ADD)
      .globalGet(layout.pages)
      .op(I64_EXTEND_I32_U, 0x42, PAGE_SHIFT, I64_SHL, I64_GT_U)
      .when(accessOutOfBounds);
  }
  return body
    .localGet(0)
    .localGet(1)
    .localGet(2)
    .bulk(code, ...immediates)
    .finish();
}

/** A load from the far end of 8 GiB, which no 32-bit memory has. */
const accessOutOfBounds = (body: Body): Body => body.i32Const(-1).op(0x2d, 0, 0xff, 0xff, 0xff, 0xff, 0x0f).op(0x1a);

function save(globals: readonly MutableGlobal[]): Uint8Array {
  const body = new Body();
  for (const { index, shadow } of globals) {
    body.globalGet(index).globalSet(shadow);
  }
  return body.finish();
}

const REF_AS_NON_NULL = 0xd4;

function restore(globals: readonly MutableGlobal[]): Uint8Array {
  const body = new Body();
  for (const { index, shadow, nonNull } of globals) {
    body.globalGet(shadow);
    if (nonNull) {
      body.op(REF_AS_NON_NULL);
    }
    body.globalSet(index);
  }
  return body.finish();
}
