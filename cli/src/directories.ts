// Where the command line keeps things between runs (XDG base directories).
import { homedir } from 'node:os';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Parent of `spin/registry`, which Spin and Spindle share. */
export const defaultCacheDir = (env: Env): string => env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');

/** Parent of `fermyon/registry-auth.json` (spec/spin-runtime.md §2.3). */
export const defaultConfigDir = (env: Env): string =>
  env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
