// The flags of `spindle watch`, as commander reads them.

export interface WatchFlags {
  from?: string;
  /** Alias of from. */
  file?: string;
  profile?: string;
  clear?: boolean;
  /** In milliseconds. */
  debounce: number;
  skipBuild?: boolean;
}
