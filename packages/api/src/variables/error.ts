// What a guest is told when a variable cannot be had (spin-contract.md §1.10, §4.4). Never holds a value.
import type { VariableErrorKind } from './types.ts';

/** The message is the payload of the guest's `error` variant of the same kind. */
export class VariableError extends Error {
  override readonly name: string = 'VariableError';
  readonly kind: VariableErrorKind;

  constructor(kind: VariableErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** No kind of its own in the guest's `error`, so the text says what it is. */
export function invalidTemplate(reason: string): VariableError {
  return new VariableError('other', `invalid variable template: ${reason}`);
}
