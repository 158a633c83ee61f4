// What the outermost sections of a core module say of where it comes from: imports, exports, custom sections. Bounded
// like the decoder of components; the code of the module is V8's to judge.
import { Budget } from '../decode/binary/budget.ts';
import { readCoreExternDesc } from '../decode/binary/core-types.ts';
import { readCoreSort } from '../decode/binary/externs.ts';
import { MAX_ENTRIES } from '../decode/binary/limits.ts';
import { PREAMBLE_BYTES } from '../decode/binary/preamble.ts';
import { Reader } from '../decode/binary/reader.ts';
import type { CoreSort } from '../decode/binary/syntax.ts';

/** Bytes of the binary. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Section {
  readonly id: number;
  /** With id and size. */
  readonly whole: Span;
  readonly content: Span;
}

export interface CoreImport {
  readonly module: string;
  readonly name: string;
  /** Its sort and type, as written. */
  readonly type: Span;
}

export interface CoreExport {
  readonly name: string;
  readonly sort: CoreSort;
  /** Its sort and index, as written. */
  readonly target: Span;
}

export interface CustomSection {
  readonly name: string;
  readonly payload: Uint8Array;
}

export interface ModuleSections {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly imports: readonly CoreImport[];
  readonly exports: readonly CoreExport[];
  readonly custom: readonly CustomSection[];
}

export const CUSTOM_SECTION = 0;
export const IMPORT_SECTION = 2;
export const EXPORT_SECTION = 7;

/** `bytes` begin with the preamble of a core module. Throws DecodeError. */
export function readSections(bytes: Uint8Array): ModuleSections {
  const budget = new Budget('entries', MAX_ENTRIES);
  const reader = new Reader(bytes, PREAMBLE_BYTES, bytes.length, budget);
  const sections: Section[] = [];
  let imports: CoreImport[] = [];
  let exports: CoreExport[] = [];
  const custom: CustomSection[] = [];
  while (!reader.atEnd) {
    const start = reader.offset;
    const id = reader.byte('a section id');
    const window = reader.window(reader.u32('the size of a section'), 'a section');
    sections.push({
      id,
      whole: { start, end: reader.offset },
      content: { start: window.offset, end: reader.offset },
    });
    if (id === CUSTOM_SECTION) {
      const name = window.name('the name of a custom section');
      custom.push({ name, payload: bytes.subarray(window.offset, reader.offset) });
    } else if (id === IMPORT_SECTION) {
      imports = window.vector('imports', MAX_ENTRIES, readImport);
      window.expectEnd('the imports');
    } else if (id === EXPORT_SECTION) {
      exports = window.vector('exports', MAX_ENTRIES, readExport);
      window.expectEnd('the exports');
    }
  }
  return { bytes, sections, imports, exports, custom };
}

function readImport(reader: Reader): CoreImport {
  const module = reader.name('an import module name');
  const name = reader.name('an import field name');
  const start = reader.offset;
  readCoreExternDesc(reader);
  return { module, name, type: { start, end: reader.offset } };
}

function readExport(reader: Reader): CoreExport {
  const name = reader.name('an export name');
  const start = reader.offset;
  const sort = readCoreSort(reader);
  reader.u32('an index');
  return { name, sort, target: { start, end: reader.offset } };
}
