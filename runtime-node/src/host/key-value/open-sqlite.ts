// Opens the database file of key-value stores, makes the table, and finds out at start what is wrong with it.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '@spindle/api';
import { openMemoryDatabase } from './memory-database.ts';
import { SqliteBackend } from './sqlite.ts';

/** Spin's table, word for word as far as it matters to SQLite. */
const TABLE =
  'CREATE TABLE IF NOT EXISTS spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))';

/**
 * How long to wait for the lock of another process or thread, in this thread, which everyone shares. Such a lock is held for
 * microseconds; after a second somebody is stuck, and the guest is told so.
 */
const BUSY_TIMEOUT_MS = 1000;

/** SQLITE_BUSY of SQLite's result codes. */
const SQLITE_BUSY = 5;

/** Pauses of 10, 20, … 90 ms: all who open at once have then had their turn many times over. */
const OPEN_ATTEMPTS = 10;
const OPEN_PAUSE_MS = 10;

/** A check of the whole file takes 1 ms per MiB here; a larger file is checked only where it is read. */
const MAX_CHECKED_BYTES = 16 * 1024 * 1024;

/**
 * What all stores in memory may hold together: half of the smallest container that Kubernetes users give to a runtime with
 * an app. A store that grows is one for a file or a server; a guest is told that the database is full.
 */
const MAX_MEMORY_BYTES = 134_217_728;
const PAGE_BYTES = 4096;

/** With a name, all threads of this process that open it have the same store. */
export async function openInMemory(name?: string): Promise<SqliteBackend> {
  const database = await (name === undefined ? openPrivateMemory() : openMemoryDatabase(name, BUSY_TIMEOUT_MS));
  try {
    await whenNotBusy(() => database.exec(TABLE));
    database.exec(`PRAGMA max_page_count = ${MAX_MEMORY_BYTES / PAGE_BYTES}`);
    return new SqliteBackend(database, 'a temporary in-memory store');
  } catch (error) {
    database.close();
    throw error;
  }
}

async function openPrivateMemory(): Promise<DatabaseSync> {
  // Loaded only for apps that keep something.
  const sqlite = await import('node:sqlite');
  return new sqlite.DatabaseSync(':memory:');
}

/** `field` is where the user named the file. */
export async function openFile(path: string, field: string): Promise<SqliteBackend> {
  const sqlite = await import('node:sqlite');
  try {
    mkdirSync(dirname(path), { recursive: true });
    return await whenNotBusy(() => openDatabase(new sqlite.DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS }), path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`cannot open the key-value store ${path}: ${reason}`, {
      code: 'SPK4003',
      file: path,
      field,
      remedy: 'Restore the file from a copy, or move it away to begin with an empty store; it must be writable.',
      cause,
    });
  }
}

/** SQLite does not wait where two that wait could wait for each other, as when several open a new file at once. */
async function whenNotBusy<T>(open: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return open();
    } catch (error) {
      if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY || attempt === OPEN_ATTEMPTS) {
        throw error;
      }
      await sleep(attempt * OPEN_PAUSE_MS);
    }
  }
}

function openDatabase(database: DatabaseSync, path: string): SqliteBackend {
  try {
    useWriteAheadLog(database);
    database.exec(TABLE);
    check(database, path);
    return new SqliteBackend(database, JSON.stringify(path));
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Readers and a writer of several processes then do not hold each other up. Without a sync at each commit a power cut
 * may take the last writes with it, never a crash of the process, and never the file's soundness: waiting for the disk
 * at each `set` would keep this thread from everyone.
 */
function useWriteAheadLog(database: DatabaseSync): void {
  if (database.prepare('PRAGMA journal_mode').get()?.journal_mode !== 'wal') {
    // Gives the mode there is when the file system cannot do it.
    database.exec('PRAGMA journal_mode = WAL');
  }
  database.exec('PRAGMA synchronous = NORMAL');
}

function check(database: DatabaseSync, path: string): void {
  if (statSync(path).size > MAX_CHECKED_BYTES) {
    return;
  }
  const found = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
  if (found !== 'ok') {
    throw new Error(`the database is damaged (${found.replaceAll('\n', ' ')})`);
  }
}
