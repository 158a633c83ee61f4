// Answers that may have to be awaited, and stay plain as long as they need not be.
import { err, ok, type Result } from '../component/index.ts';

/** From host code that throws or rejects to a WIT result; `failure` throws again what is a defect of ours. */
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

/** Continues with a value that may have to be awaited. */
export function andThen<T, U>(value: T | Promise<T>, next: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
