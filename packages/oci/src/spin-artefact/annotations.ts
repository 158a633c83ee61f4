// Annotations of the manifest: those that the user gave, and those that the app's metadata suggests
// (spin-contract.md §2.2; keys of OCI image-spec 1.1 annotations.md). Pure.
import type { LockedMetadata } from '@spindle/api';
import { byCodePoints } from '../order.ts';

const PREFIX = 'org.opencontainers.image.';

export interface AnnotationOptions {
  /** `--annotation key=value`; wins over an inferred one. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Default: true. */
  readonly inferAnnotations?: boolean | undefined;
  /** Time of the push. */
  readonly created: Date;
}

export function manifestAnnotations(metadata: LockedMetadata, options: AnnotationOptions): Record<string, string> {
  const inferred: Record<string, string | undefined> = {
    authors: metadata.authors?.join(', '),
    created: options.created.toISOString(),
    description: metadata.description,
    title: metadata.name,
    version: metadata.version,
  };
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(options.inferAnnotations === false ? {} : inferred)) {
    if (value !== undefined && value !== '') {
      all.set(`${PREFIX}${key}`, value);
    }
  }
  for (const [key, value] of Object.entries(options.annotations ?? {})) {
    all.set(key, value);
  }
  return Object.fromEntries([...all].toSorted(([a], [b]) => byCodePoints(a, b)));
}
