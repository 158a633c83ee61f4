// What an operation throws, for tests that look at the error.
import { UserError } from '@spindle/api';

export async function thrown(operation: () => unknown): Promise<unknown> {
  try {
    await operation();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, got none');
}

/** The same, and it must be the user's to mend. */
export async function userError(operation: () => unknown): Promise<UserError> {
  const error = await thrown(operation);
  if (!(error instanceof UserError)) {
    throw new Error('expected a UserError', { cause: error });
  }
  return error;
}

/** Everything a user or a log could see of an error: message, place, remedy, stack and causes. */
export function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    parts.push(cause.message, cause.stack ?? '', JSON.stringify(cause));
  }
  return parts.join('\n');
}
