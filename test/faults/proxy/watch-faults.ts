// Watches, passed on event by event: dropped, doubled, ended, or held.
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { WatchFault } from './types.ts';

export class WatchFaults {
  #faults: WatchFault[];
  /** Events so far, by resource. */
  readonly #seen = new Map<string, number>();
  readonly #frozen = new Set<string>();
  readonly #open = new Map<Writable, string>();

  constructor(faults: readonly WatchFault[]) {
    this.#faults = [...faults];
  }

  get spent(): boolean {
    return this.#faults.length === 0;
  }

  /** Ends what was frozen, and faults with it. */
  end(): void {
    for (const [client, resource] of this.#open) {
      if (this.#frozen.has(resource)) {
        this.#open.delete(client);
        client.end();
      }
    }
    this.#frozen.clear();
    this.#faults = [];
  }

  /** Resolves when the watch has ended. */
  async pass(resource: string, source: Readable, client: Writable): Promise<void> {
    this.#open.set(client, resource);
    try {
      for await (const line of createInterface({ input: source })) {
        for (const sent of this.#sent(resource, line)) {
          client.write(`${sent}\n`);
        }
        if (this.#frozen.has(resource)) {
          continue;
        }
        if (client.writableEnded) {
          return;
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

  #sent(resource: string, line: string): string[] {
    if (this.#frozen.has(resource)) {
      return [];
    }
    const number = (this.#seen.get(resource) ?? 0) + 1;
    this.#seen.set(resource, number);
    const index = this.#faults.findIndex((fault) => fault.resource === resource && fault.event === number);
    const fault = index < 0 ? undefined : this.#faults.splice(index, 1)[0];
    switch (fault?.action.kind) {
      case undefined:
        return [line];
      case 'drop':
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

const EXPIRED = JSON.stringify({
  type: 'ERROR',
  object: { apiVersion: 'v1', kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message: 'a fault' },
});
