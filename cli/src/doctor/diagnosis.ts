// What a doctor finds and can do about it.

export interface Diagnosis {
  /** One line; also what tells one finding from another. */
  readonly description: string;
  /** The application cannot be built or served with it. */
  readonly critical: boolean;
  /** What the user can do, where there is no treatment, or beside it. */
  readonly advice?: string;
  readonly treatment?: Treatment;
}

export interface Treatment {
  /** Completes "The doctor can". */
  readonly summary: string;
  /** Resolves when it has worked; throws a UserError when it has not. */
  readonly apply: () => Promise<void>;
}

/** The application as it is on disk. */
export interface Patient {
  /** Absolute path of the manifest. */
  readonly file: string;
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Replaces the manifest, in one step. */
  readonly rewrite: (text: string) => Promise<void>;
}
