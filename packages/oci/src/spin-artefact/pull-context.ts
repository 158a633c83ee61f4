// What the steps of a pull work with.
import type { ContentCache } from '../cache/content-cache.ts';
import type { ManifestCache } from '../cache/manifest-cache.ts';
import type { RegistrySession } from '../registry/session.ts';

export interface PullContext {
  readonly session: RegistrySession;
  readonly content: ContentCache;
  readonly manifests: ManifestCache;
  /** The reference, for errors. */
  readonly where: string;
}
