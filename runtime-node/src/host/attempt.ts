// From host code that throws or rejects to a WIT result, staying plain when nothing had to be awaited.
import { err, ok, type Result } from '../component/index.ts';

/** `failure` gives the error case for what was thrown, or throws it again when it is a defect of ours. */
export function attempt<T, E>(
  ask: () => T | Promise<T>,
  failure: (error: unknown) => E,
): Result<T, E> | Promise<Result<T, E>> {
  try {
    const value = ask();
    return value instanceof Promise ? value.then(ok, (error: unknown) => err(failure(error))) : ok(value);
  } catch (error) {
    return err(failure(error));
  }
}
