// Wakes whoever waits when something happens in one of a set of folders. It says only that, never what: a snapshot
// finds out. Each folder has a watcher of its own, so that folders full of other things cost nothing.
import { watch, type FSWatcher } from 'node:fs';

/** Where the system gives no more watchers, and for file systems that tell nothing: how often to look anyway. */
const POLL_MS = 1000;

export class Notice {
  readonly #watchers = new Map<string, FSWatcher>();
  #poll: NodeJS.Timeout | undefined;
  #happened = false;
  #wake: (() => void) | undefined;

  /** Folders that are watched already stay so without a gap. */
  watch(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (!folders.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) {
        this.#add(folder);
      }
    }
  }

  /** Resolves at the next event, or at once if one came since the last call; also when `signal` aborts. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#happened && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      this.#wake = undefined;
    }
    this.#happened = false;
  }

  close(): void {
    this.watch(new Set());
    clearInterval(this.#poll);
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, () => this.#happen());
      // What changed between the snapshot that named this folder and now.
      this.#happen();
      // A folder that goes away takes its watcher along; it is watched anew when it is back.
      watcher.on('error', () => this.#drop(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        this.#happen();
        return;
      }
      // expected: the system's watchers are used up, or there are none for this file system
      this.#poll ??= setInterval(() => this.#happen(), POLL_MS);
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#happen();
  }

  #happen(): void {
    this.#happened = true;
    this.#wake?.();
  }
}
