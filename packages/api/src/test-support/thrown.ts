// For tests: what an action throws, as a value that can be looked at.
import { UserError } from '../errors.ts';

/** undefined when nothing is thrown. */
export function thrown(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    // expected: the test looks at it
    return error;
  }
}

/** The UserError that an action throws; any other end fails the test. */
export function userError(action: () => unknown): UserError {
  const error = thrown(action);
  if (error instanceof UserError) {
    return error;
  }
  throw new Error('expected a UserError', { cause: error });
}
