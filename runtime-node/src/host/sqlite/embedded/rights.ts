// What a guest's SQL may not do: reach files besides its own database, and change what holds for the whole process.
import { constants } from 'node:sqlite';

export type Authorizer = (
  action: number,
  first: string | null,
  second: string | null,
  database: string | null,
  inner: string | null,
) => number;

/** Settings of the process rather than of the connection, or that take memory outside of any limit. */
const DENIED_PRAGMAS: ReadonlySet<string> = new Set([
  'temp_store_directory',
  'data_store_directory',
  'hard_heap_limit',
  'soft_heap_limit',
  'mmap_size',
  'threads',
]);

/** Of a database in memory these would lift its limit. */
const SIZE_PRAGMAS: ReadonlySet<string> = new Set(['page_size', 'max_page_count']);

/** Pages are 4 KiB: a cache of 64 MiB, thirty times the default. A negative number counts KiB. */
const MAX_CACHE_PAGES = 16_384;
const MAX_CACHE_KIB = 65_536;

export interface Rights {
  readonly attachFiles: boolean;
  readonly inMemory: boolean;
}

/** Asked while a statement is prepared. `attached` hears of each database that is. */
export function authorizer({ attachFiles, inMemory }: Rights, attached: () => void): Authorizer {
  return (action, first, second) => {
    if (action === constants.SQLITE_ATTACH) {
      attached();
      // A name that is computed is not known yet (null). VACUUM attaches '', VACUUM INTO attaches its file.
      return attachFiles || first === '' || first === ':memory:' ? constants.SQLITE_OK : constants.SQLITE_DENY;
    }
    if (action === constants.SQLITE_PRAGMA && !allowsPragma((first ?? '').toLowerCase(), second, inMemory)) {
      return constants.SQLITE_DENY;
    }
    return constants.SQLITE_OK;
  };
}

function allowsPragma(name: string, value: string | null, inMemory: boolean): boolean {
  // Reading is always allowed.
  if (value === null) {
    return true;
  }
  if (name === 'cache_size' || name === 'default_cache_size') {
    const size = Number(value);
    return size <= MAX_CACHE_PAGES && size >= -MAX_CACHE_KIB;
  }
  return !DENIED_PRAGMAS.has(name) && !(inMemory && SIZE_PRAGMAS.has(name));
}
