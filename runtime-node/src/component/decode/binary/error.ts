// The one error of this folder: what is wrong with the binary and at which byte. `decodeComponent` turns it into a
// UserError; anything else that escapes from decoding is a defect of ours.

const REBUILD = 'Build the component again, and fetch it again if it was downloaded: the file may be damaged.';

export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** Byte offset in the whole binary. */
  readonly offset: number;
  readonly remedy: string;

  constructor(message: string, offset: number, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.offset = offset;
    this.remedy = remedy;
  }
}

/** The bytes break a rule of the binary format or of validation. */
export const malformed = (what: string, offset: number, cause?: unknown): DecodeError =>
  new DecodeError(`not a valid component: ${what}`, offset, REBUILD, cause);

/** Well-formed as far as we know, but of a feature that Spindle does not have. */
export const unsupported = (feature: string, offset: number, remedy = 'Build the component without it.'): DecodeError =>
  new DecodeError(`${feature} is not supported yet`, offset, remedy);

export const tooLarge = (what: string, limit: number, offset: number): DecodeError =>
  new DecodeError(`component too large: more than ${limit} ${what}`, offset, 'Split the component into smaller ones.');
