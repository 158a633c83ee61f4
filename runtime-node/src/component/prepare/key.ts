// Names a cache entry by everything that what is in it depends on; a different answer means a different entry.
import { createHash } from 'node:crypto';

/** Raise it whenever the same component would be prepared to something else, or entries are laid out otherwise. */
export const ENGINE_VERSION = 1;

export interface CacheKey {
  /** `sha256:<hex>` of the component binary. */
  readonly digest: string;
  readonly engineVersion: number;
  /** As `process.version`: what is prepared may come to depend on V8. */
  readonly nodeVersion: string;
  /** What the embedder chose, where it changes what is prepared. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** A name for a folder: no longer than the file systems of old allow, and with nothing in it to escape. */
export function entryName(key: CacheKey): string {
  const options = Object.entries(key.options).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const parts = [key.digest, key.engineVersion, key.nodeVersion, options];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
