// Takes the data of a module out of it, as a module of its own that writes it into the same memory. Languages that bring
// an engine put the program into the engine's data: what they build differs there from one build to the next, and what
// is left is equal byte by byte, so that it need neither be rewritten nor compiled again. Pure.
import { readDeclarations } from './declarations.ts';
import { RewriteError } from './error.ts';
import { Output } from './output.ts';
import { SECTION, Sections } from './sections.ts';
import { ENGINE } from './types.ts';

export interface DataApart {
  /** The module without its data, in pieces that follow each other. */
  readonly rest: readonly Uint8Array[];
  /** A module that imports ENGINE's `memory0` and has the data; to be instantiated before the rest. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * Undefined where the data cannot go alone: none, a memory of another module, offsets that are not constants, segments
 * that wait for `memory.init`, or what is no data section at all. Whether the rest is valid without its data is for the
 * caller to find out. Takes a module as it was, or rewritten.
 */
export function takeDataApart(bytes: Uint8Array): DataApart | undefined {
  try {
    const sections = new Sections(bytes);
    const data = sections.place(SECTION.data);
    if (data === undefined || !hasOwnMemory(sections) || !isPlain(sections)) {
      return undefined;
    }
    const count = sections.place(SECTION.dataCount) ?? { start: data.start, end: data.start };
    return {
      rest: [bytes.subarray(0, count.start), bytes.subarray(count.end, data.start), bytes.subarray(data.end)],
      data: dataModule(bytes.subarray(data.start, data.end)),
    };
  } catch (error) {
    if (!(error instanceof RewriteError)) {
      throw error;
    }
    // expected: a module that is not valid, which whoever looks at the whole of it says better
    return undefined;
  }
}

/** Whether memory 0 is its own, or was before the engine came to make it. */
function hasOwnMemory(sections: Sections): boolean {
  const { imports, memories } = readDeclarations(sections);
  return (imports.memories[0]?.module ?? (memories.length > 0 ? ENGINE : undefined)) === ENGINE;
}

/** Kinds of data segments, as segments.ts has them. */
const IN_FIRST_MEMORY = 0;
const IN_MEMORY = 2;
const I32_CONST = 0x41;
const END = 0x0b;

/** Whether all segments go to constant places in memory 0, and are as many as the module says they are. */
function isPlain(sections: Sections): boolean {
  const input = sections.read(SECTION.data);
  const declared = sections.read(SECTION.dataCount)?.u32();
  const count = input?.count();
  if (input === undefined || count === undefined || (declared !== undefined && declared !== count)) {
    return false;
  }
  for (let index = 0; index < count; index += 1) {
    const kind = input.u32();
    const isInFirst = kind === IN_FIRST_MEMORY || (kind === IN_MEMORY && input.u32() === 0);
    if (!isInFirst || input.byte() !== I32_CONST) {
      return false;
    }
    input.skipInteger();
    if (input.byte() !== END) {
      return false;
    }
    input.skip(input.u32());
  }
  input.expectEnd();
  return true;
}

/** Imports (core spec §5.5.5): the kind of a memory, and limits of any size without a maximum. */
const MEMORY_OF_ANY_SIZE = [0x02, 0x00, 0x00];

/** `section` with its number and size. */
function dataModule(section: Uint8Array): Uint8Array<ArrayBuffer> {
  const imports = new Output();
  imports.u32(1);
  imports.name(ENGINE);
  imports.name('memory0');
  imports.append(MEMORY_OF_ANY_SIZE);
  const output = new Output(section.length + 64);
  output.append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  output.section(SECTION.import, imports.written);
  output.append(section);
  return output.written;
}
