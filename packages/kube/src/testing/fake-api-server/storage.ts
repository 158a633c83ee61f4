// The objects and all that has happened to them, numbered: what etcd is to the API server.
import type { JsonObject } from './json.ts';

/** What one revision changed. */
export interface Revision {
  readonly revision: number;
  readonly resource: string;
  readonly key: string;
  readonly before: JsonObject | undefined;
  /** Undefined: deleted. */
  readonly after: JsonObject | undefined;
}

/** A real one has been at work before anybody asks. */
const FIRST_REVISION = 100;

export class Storage {
  #revision = FIRST_REVISION;
  /** Of this revision and older ones nothing is known any more. */
  #compacted = 0;
  #log: Revision[] = [];
  readonly #objects = new Map<string, Map<string, JsonObject>>();
  readonly #listeners = new Set<(revision: Revision) => void>();

  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  get(resource: string, key: string): JsonObject | undefined {
    return this.#objects.get(resource)?.get(key);
  }

  /** In the order of their keys. */
  list(resource: string): readonly (readonly [string, JsonObject])[] {
    return [...(this.#objects.get(resource) ?? [])].toSorted(byKey);
  }

  /** As it was. Undefined when that is forgotten, or has not come yet. */
  listAt(resource: string, revision: number): readonly (readonly [string, JsonObject])[] | undefined {
    if (revision < this.#compacted || revision > this.#revision) {
      return undefined;
    }
    const objects = new Map(this.#objects.get(resource));
    for (const { key, before } of this.#log
      .filter((entry) => entry.revision > revision && entry.resource === resource)
      .toReversed()) {
      if (before === undefined) {
        objects.delete(key);
      } else {
        objects.set(key, before);
      }
    }
    return [...objects].toSorted(byKey);
  }

  /** Everything after that revision. Undefined when it is forgotten. */
  since(revision: number): readonly Revision[] | undefined {
    return revision < this.#compacted ? undefined : this.#log.filter((entry) => entry.revision > revision);
  }

  /** `make` gets the new version of the object; undefined deletes it. */
  write(resource: string, key: string, make: (version: string) => JsonObject | undefined): JsonObject | undefined {
    this.#revision += 1;
    const objects = this.#objects.get(resource) ?? new Map<string, JsonObject>();
    this.#objects.set(resource, objects);
    const before = objects.get(key);
    const after = make(String(this.#revision));
    if (after === undefined) {
      objects.delete(key);
    } else {
      objects.set(key, after);
    }
    const entry = { revision: this.#revision, resource, key, before, after };
    this.#log.push(entry);
    for (const listener of this.#listeners) {
      listener(entry);
    }
    return after;
  }

  listen(listener: (revision: Revision) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets what has happened; what is there stays. Older versions and continue tokens are too old from now on. */
  compact(): void {
    // A version is too old only when something has come after it.
    this.#revision += 1;
    this.#compacted = this.#revision;
    this.#log = [];
  }
}

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : one > other ? 1 : 0;
