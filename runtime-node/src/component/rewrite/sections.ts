// A module as its sections (core spec §5.5): each once, in the order of the format.
import { RewriteError } from './error.ts';
import { Input } from './input.ts';

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

export type SectionId = (typeof SECTION)[keyof typeof SECTION];

/** Tags come after memories and the count of data segments before the code: both were added to the format late. */
export const SECTION_ORDER: readonly SectionId[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const NAMES = new Map<number, string>(Object.entries(SECTION).map(([name, id]) => [id, name]));

/** A part of a module. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export class Sections {
  readonly #bytes: Uint8Array;
  readonly #ranges = new Map<number, Range & { readonly header: number }>();
  /** Where the content of the last custom section with names of functions is. */
  readonly #names: Range | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    if (PREAMBLE.some((byte, index) => bytes[index] !== byte)) {
      throw new RewriteError('not a core module of WebAssembly version 1', 0);
    }
    const input = new Input(bytes, PREAMBLE.length, bytes.length, 'the list of sections');
    let last = -1;
    while (input.at < input.end) {
      const offset = input.at;
      const id = input.byte();
      const length = input.u32();
      const start = input.at;
      input.skip(length);
      if (id === SECTION.custom) {
        const custom = new Input(bytes, start, input.at, 'a custom section');
        if (custom.name() === 'name') {
          this.#names = { start: custom.at, end: input.at };
        }
        continue;
      }
      const rank = SECTION_ORDER.indexOf(id as SectionId);
      if (rank <= last) {
        throw input.fail(rank < 0 ? `an unknown section ${id}` : `section ${id} out of order`, offset);
      }
      last = rank;
      this.#ranges.set(id, { header: offset, start, end: input.at });
    }
  }

  has(id: SectionId): boolean {
    return this.#ranges.has(id);
  }

  /** The content of a section, empty when it is not there. */
  read(id: SectionId): Input | undefined {
    const range = this.#ranges.get(id);
    return range && new Input(this.#bytes, range.start, range.end, `the ${NAMES.get(id) ?? ''} section`);
  }

  /** Where a section is, with its number and size. */
  place(id: SectionId): Range | undefined {
    const range = this.#ranges.get(id);
    return range && { start: range.header, end: range.end };
  }

  names(): Input | undefined {
    return this.#names && new Input(this.#bytes, this.#names.start, this.#names.end, 'the names');
  }
}
