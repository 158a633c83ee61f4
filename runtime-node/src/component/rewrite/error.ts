// The one error of this folder: what is wrong with a core module and at which byte of it. Anything else that escapes
// from rewriting is a defect of ours.

export class RewriteError extends Error {
  override readonly name = 'RewriteError';
  /** Byte offset in the module. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} (at byte ${offset} of the module)`);
    this.offset = offset;
  }
}
