// Runs the real command on a terminal (of util-linux's `script`), and types what its prompts ask for.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import { BIN } from './run-spindle.ts';

export interface TerminalOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What was shown, and how it ended. Each text is typed when its prompt has come, one after the other. */
export async function onTerminal(
  args: readonly string[],
  typed: readonly (readonly [prompt: string, text: string])[],
  { cwd, env }: TerminalOptions = {},
): Promise<string> {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('/usr/bin/script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  let answered = 0;
  const left = [...typed];
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const [prompt, text] = left[0] ?? [];
    const plain = stripVTControlCharacters(shown);
    if (prompt !== undefined && text !== undefined && plain.includes(prompt, answered)) {
      left.shift();
      answered = plain.length;
      child.stdin.write(text);
    }
  });
  const [code] = (await once(child, 'close')) as [number];
  return `${stripVTControlCharacters(shown).replaceAll('\r', '')}exit ${code}`;
}
