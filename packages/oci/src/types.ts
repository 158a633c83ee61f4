// Types of the registry client that other packages meet.
import type { LockedApp } from '@spindle/api';
import type { CredentialSource } from './auth/credentials.ts';
import type { Transport } from './registry/transport.ts';

export interface Descriptor {
  mediaType: string;
  /** `sha256:<64 hex digits>`. */
  digest: string;
  /** Bytes. */
  size: number;
  annotations?: Record<string, string>;
}

/** How a registry is reached; every command that talks to one takes these. */
export interface RegistryOptions {
  /** Plain HTTP (`--insecure`, `-k`). */
  readonly insecure?: boolean | undefined;
  /** Where credentials are looked up; default: none, anonymous. */
  readonly credentials?: CredentialSource | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Defaults of {@link Transport} unless given, field by field. */
  readonly transport?: Partial<Transport> | undefined;
}

export interface PullOptions extends RegistryOptions {
  /** Holds `spin/registry/`, which Spin and Spindle share; `~/.cache` by default (see `standardPaths`). */
  readonly cacheDir: string;
}

/** A Spin application whose content is in the cache. */
export interface PulledApp {
  /**
   * As stored: each content has its `digest` (look it up in `paths`) or is `inline`, a file possibly both.
   * `metadata.origin` and `metadata.oci_image_digest` are set.
   */
  readonly locked: LockedApp;
  /** Canonical form of the reference that was pulled. */
  readonly reference: string;
  /** Digest of the manifest. */
  readonly digest: string;
  /** Digest to the cache's file, for all Wasm and for each file that is not inline. Never write to these. */
  readonly paths: ReadonlyMap<string, string>;
}

export interface PushedApp {
  readonly reference: string;
  /** Digest of the manifest. */
  readonly digest: string;
}
