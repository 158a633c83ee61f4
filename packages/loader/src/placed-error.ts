// Gives a mistake the place where the user wrote what led to it.
import { UserError, type ErrorPlace } from '@spindle/api';

/** Runs `work`; a UserError that it throws is thrown with this place instead of its own. */
export async function atPlace<Result>(place: ErrorPlace, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    throw new UserError(error.message, {
      ...place,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      code: error.code,
      cause: error,
    });
  }
}
