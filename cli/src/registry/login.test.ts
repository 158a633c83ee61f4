import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BIN, runSpindle } from '../testing/run-spindle.ts';

// Port 1 is one that fetch refuses by itself: no server is needed to see that the login got so far.
const LOGIN = ['registry', 'login', '127.0.0.1:1', '--insecure'];

/** Runs it on a terminal (of util-linux's `script`) and types each text when its prompt is there. */
async function onTerminal(args: readonly string[], typed: Readonly<Record<string, string>>): Promise<string> {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('/usr/bin/script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  const left = new Map(Object.entries(typed));
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    for (const [prompt, text] of left) {
      if (shown.includes(prompt)) {
        left.delete(prompt);
        child.stdin.write(text);
      }
    }
  });
  const [code] = (await once(child, 'close')) as [number];
  return `${stripVTControlCharacters(shown).replaceAll('\r', '')}exit ${code}`;
}

describe('a login on a terminal', () => {
  it('asks for what is missing, and does not show the password', async () => {
    const shown = await onTerminal(LOGIN, { 'Username: ': 'somebody\r', 'Password: ': 'correct horse\r' });
    expect(shown).toMatch(/Username: somebody\n+Password: \nError: cannot reach the registry 127\.0\.0\.1:1: /);
    expect(shown).not.toContain('correct');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends with %s', async (_name, key) => {
    const shown = await onTerminal([...LOGIN, '-u', 'somebody'], { 'Password: ': key });
    expect(shown).toBe('Password: \nError: no answer was given\n  SPK5005\n\nRun the command again.\nexit 1');
  });
});

it('a login without a terminal says how to give the password', async () => {
  const { code, stderr } = await runSpindle([...LOGIN, '-u', 'somebody']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('--password-stdin')]);
});
