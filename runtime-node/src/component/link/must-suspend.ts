// In plain mode there is no stack to suspend, so a host function that has to wait ends the call.

export class MustSuspend extends Error {
  override readonly name = 'MustSuspend';

  /** `functionName` with its interface, e.g. `wasi:io/poll@0.2.0#poll`. */
  constructor(functionName: string) {
    super(`${functionName} has to wait, and this call runs in plain mode`);
  }
}
