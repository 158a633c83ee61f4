// Without a stack that can be suspended, a host function that has to wait ends the call; on trial, so does one that
// could not be called twice.

export class MustSuspend extends Error {
  override readonly name = 'MustSuspend';

  /** `functionName` with its interface, e.g. `wasi:io/poll@0.2.0#poll`. */
  constructor(functionName: string) {
    super(`${functionName} needs a call that can be suspended`);
  }
}
