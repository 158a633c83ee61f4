// The one base of every error that is the user's to mend. It answers three questions: what happened, where
// (file, reference, line or field), and what to do. The command line prints it without a stack trace.

/** Where in the user's input the problem stands. */
export interface ErrorPlace {
  /** File path, URL or OCI reference. */
  readonly file?: string;
  /** 1-based line in `file`. */
  readonly line?: number;
  /** 1-based column in `line`. */
  readonly column?: number;
  /** Field path (`component.hello.source`), section, byte offset, or layer digest. */
  readonly field?: string;
}

/** Stable name of a kind of error: 1 api, 2 oci, 3 loader, 4 runtime, 5 command line, 6 operator, 7 kube, 8 shim. */
export type ErrorCode = `SPK${number}`;

/** What docs/reference/errors.md says of the codes of one package. */
export type ErrorTable = Readonly<Record<ErrorCode, { readonly meaning: string; readonly remedy: string }>>;

export interface UserErrorOptions extends ErrorPlace {
  /** A row of the package's `error-table.ts`. */
  readonly code: ErrorCode;
  /** What the user can do about it, one sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** An error in what the user gave; anything else that is thrown is a defect of Spindle. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly code: ErrorCode;
  readonly place: ErrorPlace;
  readonly remedy: string | undefined;

  constructor(message: string, options: UserErrorOptions) {
    const { code, remedy, cause, ...place } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.place = place;
    this.remedy = remedy;
  }
}
