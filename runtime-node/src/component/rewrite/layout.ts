// Where everything is in the rewritten module. Imports come before definitions in every index space, so an added
// import moves the definitions of its kind; everything else is added behind them and moves nothing.
import type { Declarations } from './declarations.ts';
import type { RewriteOptions } from './types.ts';

/** An index space in which `added` imports come behind those that were there. */
export class IndexSpace {
  readonly imported: number;
  /** Of the module as it was: imported and defined. */
  readonly total: number;
  readonly added: number;

  constructor(imported: number, defined: number, added: number) {
    this.imported = imported;
    this.total = imported + defined;
    this.added = added;
  }

  moved(index: number): number {
    return index < this.imported ? index : index + this.added;
  }
}

export interface Layout {
  readonly types: number;
  readonly functions: IndexSpace;
  readonly globals: IndexSpace;
  /** Memories of the module as it was; `interrupt` has this index. */
  readonly memories: number;
  /** Whose memory has a virtual size, if any has. */
  readonly virtual: 'own' | 'imported' | undefined;
  readonly timeChecks: boolean;
  /** New indices; meaningful where what they name is there. */
  readonly pages: number;
  readonly grow: number;
  readonly grown: number;
  readonly interrupted: number;
  /** Index of the first function that the engine adds behind all others. */
  readonly firstGenerated: number;
}

export function planLayout(declared: Declarations, options: RewriteOptions): Layout {
  const { imports, types } = declared;
  const virtual = options.resettable === false ? undefined : virtualMemory(declared);
  const functions = new IndexSpace(
    imports.functions,
    declared.functions,
    (virtual === undefined ? 0 : 1) + (options.timeChecks ? 1 : 0),
  );
  const globals = new IndexSpace(imports.globals, declared.globals, virtual === 'imported' ? 1 : 0);
  const firstGenerated = functions.total + functions.added;
  return {
    types: types.count,
    functions,
    globals,
    memories: imports.memories.length + declared.memories.length,
    virtual,
    timeChecks: options.timeChecks,
    // A module's own `pages` comes behind its globals, and its own `grow` is the first function that is generated.
    pages: virtual === 'imported' ? imports.globals : globals.total,
    grow: virtual === 'imported' ? imports.functions : firstGenerated,
    grown: imports.functions,
    interrupted: imports.functions + functions.added - 1,
    firstGenerated,
  };
}

function virtualMemory({ imports, memories }: Declarations): Layout['virtual'] {
  const [memory, ...more] = [...imports.memories, ...memories];
  if (memory === undefined || more.length > 0 || memory.shared || memory.wide) {
    return undefined;
  }
  return memories.length === 1 ? 'own' : 'imported';
}

export interface MutableGlobal {
  /** New indices. */
  readonly index: number;
  readonly shadow: number;
  /** A reference that is never null; its shadow is. */
  readonly nonNull: boolean;
}
