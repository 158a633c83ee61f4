// Names a cache entry by everything that what is in it depends on; a different answer means a different entry.
import { hash } from 'node:crypto';

/** Raise it whenever the same component would be prepared to something else, or entries are laid out otherwise. */
export const ENGINE_VERSION = 5;

export interface CacheKey {
  /** `sha256:<hex>` of the component binary. */
  readonly digest: string;
  readonly engineVersion: number;
  /** As `process.version`: what was found valid by one V8 may not be by another. */
  readonly nodeVersion: string;
  /** As RewriteOptions has it. */
  readonly timeChecks: boolean;
}

const DIGEST = /^sha256:([0-9a-f]{64})$/;

export const isDigest = (text: string): boolean => DIGEST.test(text);

/** A name for a file: no longer than the file systems of old allow, and with nothing in it to escape. */
export function entryName({ digest, engineVersion, nodeVersion, timeChecks }: CacheKey): string {
  const [, hex = ''] = DIGEST.exec(digest) ?? [];
  return `${hex}-${engineVersion}-${nodeVersion}${timeChecks ? '-checks' : ''}`;
}

export interface CodeKey extends CacheKey {
  /** As RewriteOptions has it. */
  readonly resettable: boolean;
}

/** The part of such an entry that is the rewritten module. */
export const CODE = 'code';

/** Of what is known of a core module's code; `digest` is in hexadecimal. */
export const codeName = ({ digest, engineVersion, nodeVersion, timeChecks, resettable }: CodeKey): string =>
  `code-${digest}-${engineVersion}-${nodeVersion}${timeChecks ? '-checks' : ''}${resettable ? '' : '-fresh'}`;

export const digestOf = (bytes: Uint8Array): string => `sha256:${hash('sha256', bytes)}`;
