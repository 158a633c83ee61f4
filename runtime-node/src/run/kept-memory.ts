// What stores keep in memory for all threads of a run, held for as long as the run: SQLite lets go of a database in
// memory with its last connection, and threads come and go.
import type { DatabaseSync } from 'node:sqlite';

export type KeptMemory = Pick<DatabaseSync, 'close'>;

/** Another for each run, since the threads of a process share such names. */
let runs = 0;

export const newMemoryName = (): string => `run-${(runs += 1)}`;

export async function keepMemory(name: string): Promise<KeptMemory> {
  // Nothing else of the host is loaded in the thread that runs no guests.
  const { openMemoryDatabase } = await import('../host/key-value/memory-database.ts');
  return openMemoryDatabase(name);
}
