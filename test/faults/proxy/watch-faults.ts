// Watches, passed on event by event: dropped, doubled, cut off, ended, or held.
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { WatchFault } from './types.ts';

/** A client, to whom lines are written. */
export type WatchClient = Pick<Writable, 'write' | 'end' | 'writableEnded'>;

export interface WatchedBy {
  readonly resource: string;
  /** Cuts the client's connection. */
  readonly cut: () => void;
  /** Gets each line as it was sent by the API server. */
  readonly onLine?: (line: string) => void;
}

export class WatchFaults {
  #faults: WatchFault[] = [];
  /** Events so far, by resource. */
  readonly #seen = new Map<string, number>();
  readonly #frozen = new Set<string>();
  /** Watches of these have missed something. */
  readonly #missed = new Set<string>();
  readonly #open = new Map<WatchClient, string>();

  get spent(): boolean {
    return this.#faults.length === 0;
  }

  get seen(): ReadonlyMap<string, number> {
    return this.#seen;
  }

  /** Counts from here; watches that are open are meant too. */
  inject(faults: readonly WatchFault[]): void {
    this.end();
    this.#seen.clear();
    this.#faults = [...faults];
  }

  /** Ends what was frozen, tells those that have missed something to list again, and makes no more faults. */
  end(): void {
    for (const [client, resource] of this.#open) {
      if (this.#missed.has(resource)) {
        client.write(`${EXPIRED}\n`);
      }
      if (this.#missed.has(resource) || this.#frozen.has(resource)) {
        this.#open.delete(client);
        client.end();
      }
    }
    this.#missed.clear();
    this.#frozen.clear();
    this.#faults = [];
  }

  /** Nothing comes there until `end`. */
  hold(resource: string, client: WatchClient): void {
    this.#open.set(client, resource);
    this.#frozen.add(resource);
  }

  /** Resolves when the watch has ended. */
  async pass(watched: WatchedBy, source: Readable, client: WatchClient): Promise<void> {
    const { resource } = watched;
    this.#open.set(client, resource);
    try {
      for await (const line of createInterface({ input: source })) {
        if (client.writableEnded) {
          return;
        }
        watched.onLine?.(line);
        for (const sent of this.#sent(watched, line)) {
          client.write(`${sent}\n`);
        }
      }
    } catch {
      // expected: one of the two has closed its connection.
    } finally {
      // One that is frozen stays, also when the API server has ended it.
      if (!this.#frozen.has(resource)) {
        this.#open.delete(client);
        client.end();
      }
    }
  }

  #sent({ resource, cut }: WatchedBy, line: string): string[] {
    if (this.#frozen.has(resource)) {
      return [];
    }
    // Bookmarks come by the clock: what is the second event of one run would be the third of another.
    if (line.includes(BOOKMARK)) {
      return [line];
    }
    const number = (this.#seen.get(resource) ?? 0) + 1;
    this.#seen.set(resource, number);
    const index = this.#faults.findIndex((fault) => fault.resource === resource && fault.event === number);
    const fault = index < 0 ? undefined : this.#faults.splice(index, 1)[0];
    switch (fault?.action.kind) {
      case undefined:
        return [line];
      case 'drop':
        this.#missed.add(resource);
        return [];
      case 'cut':
        cut();
        return [];
      case 'duplicate':
        return [line, line];
      case 'freeze':
        this.#frozen.add(resource);
        return [];
      case 'expire':
        return [EXPIRED];
    }
  }
}

const BOOKMARK = '"type":"BOOKMARK"';

const EXPIRED = JSON.stringify({
  type: 'ERROR',
  object: { apiVersion: 'v1', kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message: 'a fault' },
});
