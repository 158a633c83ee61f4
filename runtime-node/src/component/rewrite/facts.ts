// What the declarations alone tell about a module.
import type { Declarations } from './declarations.ts';
import { ENGINE, type MemoryFacts, type ModuleFacts } from './types.ts';
import type { Limits } from './value-types.ts';

/** More mutable globals than this are not kept: a shadow each must fit in what V8 takes, 1,000,000 globals. */
export const MAX_SAVED = 100_000;

export function declaredObstacles(declared: Declarations, mutableGlobals: number): string[] {
  const memories = allMemories(declared);
  return [
    ...declared.types.aggregates,
    ...(memories.length > 1 ? ['several memories'] : []),
    ...unusual(memories),
    ...(mutableGlobals > MAX_SAVED ? [`more than ${MAX_SAVED} mutable globals`] : []),
  ];
}

export function declaredRefusals(declared: Declarations): string[] {
  return [
    ...unusual(allMemories(declared)),
    ...(declared.imports.modules.has(ENGINE) ? [`an import from ${ENGINE}`] : []),
  ];
}

function unusual(memories: readonly Limits[]): string[] {
  return [
    ...(memories.some(({ shared }) => shared) ? ['shared memory'] : []),
    ...(memories.some(({ wide }) => wide) ? ['memory64'] : []),
  ];
}

const allMemories = ({ imports, memories }: Declarations): readonly Limits[] => [...imports.memories, ...memories];

export function ownMemories({ imports, memories }: Declarations): Record<number, MemoryFacts> {
  return Object.fromEntries(
    memories.map(({ initial, maximum }, index) => [imports.memories.length + index, { initial, maximum }]),
  );
}

export function importedMemory({ imports }: Declarations): ModuleFacts['importedMemory'] {
  const [memory] = imports.memories;
  return memory && { module: memory.module, name: memory.name };
}
