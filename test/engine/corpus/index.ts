// All components of the corpus.
import type { Refused, Works } from './case.ts';
import { globals } from './globals.ts';
import { instructions, refusedModules } from './instructions.ts';
import { memories, refusedMemories } from './memories.ts';
import { refusedTables, tables } from './tables.ts';

export type { Answer, Refused, Works } from './case.ts';
export const works: readonly Works[] = [...memories, ...globals, ...tables, ...instructions];
export const refused: readonly Refused[] = [...refusedMemories, ...refusedTables, ...refusedModules];
