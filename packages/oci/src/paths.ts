// Where Spin and Docker keep their files, from the environment. Pure: the environment is an argument.
import { isAbsolute, join } from 'node:path';

export interface StandardPaths {
  /** Spin's registry credentials. */
  readonly authFile: string;
  readonly dockerConfig: string;
  /** Which registry holds which WebAssembly package, as `wkg` keeps it. */
  readonly packageConfigFile: string;
  /** Caches of all programs; `spin/registry/` stands below it. */
  readonly cacheDir: string;
}

export interface PathEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Used when `HOME` is not set. */
  readonly homeDir: string;
  readonly platform: NodeJS.Platform;
}

/** The same places as the Rust crate `dirs`, which Spin asks: XDG on Linux, ~/Library on macOS. */
export function standardPaths({ env, homeDir, platform }: PathEnvironment): StandardPaths {
  const home = present(env['HOME']) ?? homeDir;
  const [config, cache] =
    platform === 'darwin'
      ? [join(home, 'Library/Application Support'), join(home, 'Library/Caches')]
      : [
          absolute(env['XDG_CONFIG_HOME']) ?? join(home, '.config'),
          absolute(env['XDG_CACHE_HOME']) ?? join(home, '.cache'),
        ];
  return {
    authFile: join(config, 'fermyon', 'registry-auth.json'),
    dockerConfig: join(present(env['DOCKER_CONFIG']) ?? join(home, '.docker'), 'config.json'),
    packageConfigFile: join(config, 'wasm-pkg', 'config.toml'),
    cacheDir: cache,
  };
}

const present = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

// XDG base directory specification: relative paths are invalid and to be ignored.
const absolute = (value: string | undefined): string | undefined =>
  value !== undefined && isAbsolute(value) ? value : undefined;
