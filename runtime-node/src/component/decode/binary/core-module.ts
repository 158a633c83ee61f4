// What a core module asks for and gives, by name and sort: the only part of it that linking has to know. Everything
// else is passed over by section length and left to V8 to judge.
import { malformed } from './error.ts';
import { readCoreExternDesc } from './core-types.ts';
import { readCoreSort } from './externs.ts';
import type { Budget } from './budget.ts';
import { MAX_ENTRIES } from './limits.ts';
import { Reader } from './reader.ts';
import type { CoreSort, ModuleRange } from './syntax.ts';

interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly sort: CoreSort;
}

export interface CoreModule {
  readonly imports: readonly CoreImport[];
  readonly exports: ReadonlyMap<string, CoreSort>;
}

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const IMPORT = 2;
const EXPORT = 7;

export function readCoreModule(bytes: Uint8Array, range: ModuleRange, budget: Budget): CoreModule {
  const reader = new Reader(bytes, range.offset, range.offset + range.length, budget);
  for (const expected of PREAMBLE) {
    if (reader.byte('the preamble of a core module') !== expected) {
      throw malformed('what should be a core module is none', range.offset);
    }
  }
  let imports: CoreImport[] = [];
  let exports = new Map<string, CoreSort>();
  while (!reader.atEnd) {
    const id = reader.byte('a core section id');
    const section = reader.window(reader.u32('the size of a core section'), 'a core section');
    if (id === IMPORT) {
      imports = section.vector('core imports', MAX_ENTRIES, readImport);
      section.expectEnd('the core imports');
    } else if (id === EXPORT) {
      exports = new Map(section.vector('core exports', MAX_ENTRIES, readExport));
      section.expectEnd('the core exports');
    }
  }
  return { imports, exports };
}

const readImport = (reader: Reader): CoreImport => ({
  module: reader.name('an import module name'),
  name: reader.name('an import field name'),
  sort: readCoreExternDesc(reader),
});

function readExport(reader: Reader): [string, CoreSort] {
  const name = reader.name('a core export name');
  const sort = readCoreSort(reader);
  reader.u32('a core index');
  return [name, sort];
}
