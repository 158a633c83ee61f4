// What loading gives: a locked app whose every content is a file on this machine.
import type { LockedApp } from '@spindle/api';

/** Where an app comes from. */
export type AppSource =
  | { readonly kind: 'manifest'; /** spin.toml. */ readonly path: string }
  | { readonly kind: 'wasm'; readonly path: string }
  | { readonly kind: 'registry'; readonly reference: string };

export interface LoadOptions {
  /** Assets are copied to `<workDir>/assets/<component id>/`; made by the caller and removed by it. */
  readonly workDir: string;
  /** Content cache, shared by processes. */
  readonly cacheDir: string;
  readonly profile?: string;
  readonly directMounts?: boolean;
  /** Registry over plain HTTP. */
  readonly insecure?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * After loading, each component's `source.source` and each mount's `files[].source` is a `file://` URL.
 * `files` then has one entry per mounted directory: `{ source: file:///…/assets/hello, path: "/" }`.
 */
export interface LoadedApp {
  readonly locked: LockedApp;
  readonly source: AppSource;
  /** Things the user should know but that do not stop the app. */
  readonly warnings: readonly string[];
}
