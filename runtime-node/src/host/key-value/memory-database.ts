// A SQLite database in memory that every thread of this process finds by its name, for as long as one connection to it
// is open (https://sqlite.org/inmemorydb.html, VFS "memdb"; names that begin with a slash are shared).
import type { DatabaseSync } from 'node:sqlite';

/** `timeoutMs` is how long to wait for another thread's lock. */
export async function openMemoryDatabase(name: string, timeoutMs = 0): Promise<DatabaseSync> {
  // Loaded only for apps that keep something.
  const sqlite = await import('node:sqlite');
  return new sqlite.DatabaseSync(`file:/${encodeURIComponent(name)}?vfs=memdb`, { timeout: timeoutMs });
}
