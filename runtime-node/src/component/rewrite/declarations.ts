// What a module declares before its code: how many of everything there are, and which memories. Read before anything
// is written, because what the engine adds depends on it.
import type { Input } from './input.ts';
import { SECTION, type Sections } from './sections.ts';
import { countTypes } from './type-section.ts';
import { readLimits, skipValueType, type Limits } from './value-types.ts';

export interface ImportedMemory extends Limits {
  readonly module: string;
  readonly name: string;
}

export interface Imports {
  readonly count: number;
  readonly functions: number;
  readonly globals: number;
  readonly memories: readonly ImportedMemory[];
  /** Names of the modules that things are imported from. */
  readonly modules: ReadonlySet<string>;
  /** Where the entries begin; they end with the section. */
  readonly entries: number;
}

export interface DefinedMemory extends Limits {
  /** Where the memory's type is. */
  readonly start: number;
  readonly end: number;
}

export interface Declarations {
  readonly types: { readonly count: number; readonly aggregates: readonly string[] };
  readonly imports: Imports;
  /** Defined ones, as are the other counts. */
  readonly functions: number;
  readonly globals: number;
  readonly memories: readonly DefinedMemory[];
}

export function readDeclarations(sections: Sections): Declarations {
  const types = countTypes(sections.read(SECTION.type));
  return {
    types,
    imports: readImports(sections.read(SECTION.import), types.count),
    functions: sections.read(SECTION.function)?.count() ?? 0,
    globals: sections.read(SECTION.global)?.count() ?? 0,
    memories: readMemories(sections.read(SECTION.memory)),
  };
}

const NOTHING: Imports = { count: 0, functions: 0, globals: 0, memories: [], modules: new Set(), entries: 0 };

function readImports(input: Input | undefined, typeCount: number): Imports {
  if (input === undefined) {
    return NOTHING;
  }
  const count = input.count();
  const entries = input.at;
  const memories: ImportedMemory[] = [];
  const modules = new Set<string>();
  let functions = 0;
  let globals = 0;
  for (let index = 0; index < count; index += 1) {
    const module = input.name();
    const name = input.name();
    modules.add(module);
    const kind = input.byte();
    switch (kind) {
      case 0x00:
        functions += 1;
        input.index(typeCount, 'type');
        break;
      case 0x01:
        skipValueType(input, typeCount);
        readLimits(input);
        break;
      case 0x02:
        memories.push({ module, name, ...readLimits(input) });
        break;
      case 0x03:
        globals += 1;
        skipValueType(input, typeCount);
        input.byte();
        break;
      case 0x04:
        input.byte();
        input.index(typeCount, 'type');
        break;
      default:
        throw input.fail(`0x${kind.toString(16)} is no kind of import`, input.at - 1);
    }
  }
  input.expectEnd();
  return { count, functions, globals, memories, modules, entries };
}

function readMemories(input: Input | undefined): DefinedMemory[] {
  const memories: DefinedMemory[] = [];
  if (input !== undefined) {
    for (let left = input.count(); left > 0; left -= 1) {
      const start = input.at;
      const limits = readLimits(input);
      memories.push({ ...limits, start, end: input.at });
    }
    input.expectEnd();
  }
  return memories;
}
