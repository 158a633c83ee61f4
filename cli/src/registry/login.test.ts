import { describe, expect, it } from 'vitest';
import { onTerminal } from '../testing/on-terminal.ts';
import { runSpindle } from '../testing/run-spindle.ts';

// Port 1 is one that fetch refuses by itself: no server is needed to see that the login got so far.
const LOGIN = ['registry', 'login', '127.0.0.1:1', '--insecure'];

describe('a login on a terminal', () => {
  it('asks for what is missing, and does not show the password', async () => {
    const shown = await onTerminal(LOGIN, [
      ['Username: ', 'somebody\r'],
      ['Password: ', 'correct horse\r'],
    ]);
    expect(shown).toMatch(/Username: somebody\n+Password: \nError: cannot reach the registry 127\.0\.0\.1:1: /);
    expect(shown).not.toContain('correct');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends with %s', async (_name, key) => {
    const shown = await onTerminal([...LOGIN, '-u', 'somebody'], [['Password: ', key]]);
    expect(shown).toBe('Password: \nError: no answer was given\n  SPK5005\n\nRun the command again.\nexit 1');
  });
});

it('a login without a terminal says how to give the password', async () => {
  const { code, stderr } = await runSpindle([...LOGIN, '-u', 'somebody']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('--password-stdin')]);
});
