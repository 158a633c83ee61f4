// What loading gives: a locked app whose every content is a file on this machine.
import type { LockedApp } from '@spindle/api';
import type { RegistryOptions } from '@spindle/oci';

/** Where an app comes from. */
export type AppSource =
  | { readonly kind: 'manifest'; /** spin.toml. */ readonly path: string }
  | { readonly kind: 'wasm'; readonly path: string }
  | { readonly kind: 'registry'; readonly reference: string };

/** How registries are reached, and where files are put. */
export interface LoadOptions extends RegistryOptions {
  /** Assets are copied to `<workDir>/assets/<component id>/`; removed by the caller. */
  readonly workDir: string;
  /** Content cache, shared by processes and with Spin: `spin/registry` stands below it. */
  readonly cacheDir: string;
  readonly profile?: string;
  readonly directMounts?: boolean;
  /** Which registry holds which WebAssembly package: `~/.config/wasm-pkg/config.toml`; it need not exist. */
  readonly packageConfigFile?: string;
  /** Ids of the components that will run (`--component-id`); of others the source is not looked at. Default: all. */
  readonly components?: readonly string[];
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
