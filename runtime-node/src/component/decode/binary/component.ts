// The sections of a component binary, nested components within them (Binary.md "component definitions"). Core
// modules are kept as byte ranges: their bodies are never looked at here.
import { Budget } from './budget.ts';
import { readAlias } from './aliases.ts';
import { readCanon } from './canon.ts';
import { skipCoreType } from './core-types.ts';
import { malformed, tooLarge, unsupported } from './error.ts';
import { readExternDesc, readExternName, readNamedItem } from './externs.ts';
import { readCoreInstance, readInstance } from './instances.ts';
import { MAX_DEPTH, MAX_ENTRIES, MAX_MODULES } from './limits.ts';
import { expectComponent, PREAMBLE_BYTES } from './preamble.ts';
import { Reader } from './reader.ts';
import type { BinarySyntax, ComponentSyntax, Definition, DefinitionBody, ModuleRange } from './syntax.ts';
import { readType } from './types.ts';
import { readFlag } from './value-types.ts';

const CUSTOM = 0;
const CORE_MODULE = 1;
const COMPONENT = 4;
const START = 9;
const VALUE = 12;

/** Sections that are vectors of definitions. */
const VECTORS: ReadonlyMap<number, { readonly what: string; readonly read: (reader: Reader) => DefinitionBody }> =
  new Map([
    [2, { what: 'core instances', read: readCoreInstance }],
    [3, { what: 'core types', read: readCoreType }],
    [5, { what: 'instances', read: readInstance }],
    [6, { what: 'aliases', read: (reader) => ({ kind: 'alias', alias: readAlias(reader) }) }],
    [7, { what: 'types', read: (reader) => ({ kind: 'type', type: readType(reader) }) }],
    [8, { what: 'canonical definitions', read: (reader) => ({ kind: 'canon', canon: readCanon(reader) }) }],
    [10, { what: 'imports', read: readImport }],
    [11, { what: 'exports', read: readExport }],
  ]);

export function readBinary(bytes: Uint8Array): BinarySyntax {
  expectComponent(bytes);
  const modules: ModuleRange[] = [];
  const budget = new Budget('entries', MAX_ENTRIES);
  const reader = new Reader(bytes, PREAMBLE_BYTES, bytes.length, budget);
  return { root: readSections(reader, bytes, modules, 0), modules };
}

function readSections(reader: Reader, bytes: Uint8Array, modules: ModuleRange[], depth: number): ComponentSyntax {
  const definitions: Definition[] = [];
  while (!reader.atEnd) {
    const offset = reader.offset;
    const id = reader.byte('a section id');
    const size = reader.u32('the size of a section');
    const body = reader.window(size, 'a section');
    const vector = VECTORS.get(id);
    if (vector !== undefined) {
      body.vector(vector.what, MAX_ENTRIES, (entry) => {
        const start = entry.offset;
        definitions.push({ ...vector.read(entry), offset: start });
      });
      body.expectEnd(`the section of ${vector.what}`);
    } else if (id === CORE_MODULE) {
      definitions.push({ kind: 'core-module', module: addModule(modules, body), offset });
    } else if (id === COMPONENT) {
      definitions.push({ kind: 'component', component: readNested(body, bytes, modules, depth + 1), offset });
    } else if (id === CUSTOM) {
      body.name('the name of a custom section');
    } else if (id === START || id === VALUE) {
      throw unsupported(id === START ? 'a component start function' : 'a component-level value', offset);
    } else {
      throw malformed(`unknown section ${id}`, offset);
    }
  }
  return { definitions };
}

function addModule(modules: ModuleRange[], body: Reader): number {
  if (modules.length === MAX_MODULES) {
    throw tooLarge('core modules', MAX_MODULES, body.offset);
  }
  return modules.push({ offset: body.offset, length: body.remaining }) - 1;
}

function readNested(body: Reader, bytes: Uint8Array, modules: ModuleRange[], depth: number): ComponentSyntax {
  const start = body.offset;
  if (depth > MAX_DEPTH) {
    throw tooLarge('components within each other', MAX_DEPTH, start);
  }
  body.window(PREAMBLE_BYTES, 'the preamble of a nested component');
  if (bytes.subarray(start, start + PREAMBLE_BYTES).some((byte, index) => byte !== bytes[index])) {
    throw malformed('a nested component has another preamble than the outermost', start);
  }
  return readSections(body, bytes, modules, depth);
}

function readCoreType(reader: Reader): DefinitionBody {
  skipCoreType(reader);
  return { kind: 'core-type' };
}

function readImport(reader: Reader): DefinitionBody {
  return { kind: 'import', name: readExternName(reader), desc: readExternDesc(reader) };
}

function readExport(reader: Reader): DefinitionBody {
  const item = readNamedItem(reader);
  const ascribed = readFlag(reader, 'optional type of an export') ? readExternDesc(reader) : null;
  return { kind: 'export', item, ascribed };
}
