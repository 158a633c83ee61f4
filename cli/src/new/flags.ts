// The flags of `spindle new` and `add`, as commander reads them.

export interface NewFlags {
  template?: string;
  tag?: string[];
  output?: string;
  init?: boolean;
  value?: string[];
  valuesFile?: string;
  acceptDefaults?: boolean;
  /** False for --no-vcs. */
  vcs: boolean;
  allowOverwrite?: boolean;
  /** Hidden alias. */
  allowOverwrites?: boolean;
}

export interface AddFlags extends NewFlags {
  file?: string;
}
