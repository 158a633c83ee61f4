import { UserError } from '@spindle/api';
import { expect, it } from 'vitest';
import { fromPlainError, toPlainError } from './messages.ts';

const cross = (error: unknown): Error => fromPlainError(structuredClone(toPlainError(error)));

it('carries an error of the user across threads with all that the command line shows', () => {
  const crossed = cross(
    new UserError('no such thing', {
      code: 'SPK4001',
      file: 'spin.toml',
      line: 3,
      field: 'a.b',
      remedy: 'Mend it.',
      cause: new Error('first', { cause: new Error('second') }),
    }),
  );
  expect(crossed).toBeInstanceOf(UserError);
  expect(crossed).toMatchObject({
    message: 'no such thing',
    code: 'SPK4001',
    place: { file: 'spin.toml', line: 3, field: 'a.b' },
    remedy: 'Mend it.',
    cause: { message: 'first', cause: { message: 'second' } },
  });
});

it('carries a defect with the stack of where it was thrown', () => {
  const error = new TypeError('wrong');
  const crossed = cross(error);
  expect(crossed).not.toBeInstanceOf(UserError);
  expect(crossed.stack).toBe(error.stack);
});

it.each([['text'], [undefined], [{ message: 1 }]])('takes %j too, which anybody may throw', (thrown) => {
  expect(cross(thrown).message).toBe(String(thrown));
});
