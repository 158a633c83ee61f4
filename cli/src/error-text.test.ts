import { describe, expect, it } from 'vitest';
import { UserError } from '@spindle/api';
import { errorText } from './error-text.ts';

describe('an error of the user', () => {
  it('says what happened, where, why and what to do, without a stack', () => {
    const error = new UserError('missing field `name`', {
      code: 'SPK1001',
      file: 'spin.toml',
      line: 2,
      column: 1,
      field: 'application.name',
      remedy: 'Give the application a name.',
      cause: new Error('outer', { cause: new Error('inner') }),
    });
    expect(errorText(error)).toMatchInlineSnapshot(`
      "Error: missing field \`name\`
        SPK1001 at spin.toml:2:1, application.name

      Caused by:
         0: outer
         1: inner

      Give the application a name."
    `);
  });

  it('is the message and the code when there is no more to say', () => {
    expect(errorText(new UserError('No triggers in app', { code: 'SPK4021' }))).toBe(
      'Error: No triggers in app\n  SPK4021',
    );
  });

  it('shows control characters instead of sending them to the terminal', () => {
    const error = new UserError('no component "\u001b[2Jx"\nsecond line', { code: 'SPK4021', field: 'a\u0007b' });
    expect(errorText(error)).toBe('Error: no component "\\u001b[2Jx"\nsecond line\n  SPK4021 at a\\u0007b');
  });

  it('does not repeat what the message says already', () => {
    const error = new UserError('cannot read /a: gone', { code: 'SPK5002', file: '/a', cause: new Error('gone') });
    expect(errorText(error)).toBe('Error: cannot read /a: gone\n  SPK5002');
  });
});

it('a defect of Spindle shows its stack and asks for a report', () => {
  expect(errorText(new TypeError('x is not a function'))).toMatch(
    /defect of Spindle[^]*TypeError: x is not a function\n +at /,
  );
});
