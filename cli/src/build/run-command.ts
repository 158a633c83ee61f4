// One build command: run by the shell, its output passed on as it comes, ended with all that it has started.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CommandOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Takes each line of output; without it the command has the terminal, with its colours and progress bars. */
  readonly line?: (line: string) => void;
}

/** How long a command that is to end may tidy up. */
const KILL_AFTER_MS = 5000;

/** What it left running in the background may hold its output for ever; its own is there at once. */
const LATE_OUTPUT_MS = 500;

/** The exit status, or the signal that ended it. */
export async function runCommand(command: string, options: CommandOptions): Promise<number | NodeJS.Signals> {
  const { folder, signal, line } = options;
  signal.throwIfAborted();
  const output = line === undefined ? 'inherit' : 'pipe';
  // A group of its own, so that what the shell has started ends with it. Nothing may ask: nobody would see it.
  // `shell: true` does the same, but takes an empty command for a mistake of the caller.
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', output, output],
  });
  const stop = (): void => endGroup(child);
  signal.addEventListener('abort', stop, { once: true });
  const lines = line === undefined ? [] : [passLines(child.stdout, line), passLines(child.stderr, line)];
  try {
    const [code, endedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    signal.throwIfAborted();
    await Promise.race([Promise.all(lines), sleep(LATE_OUTPUT_MS, undefined, { ref: false })]);
    return code ?? endedBy ?? 'SIGKILL';
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function passLines(stream: NodeJS.ReadableStream | null, line: (line: string) => void): Promise<void> {
  if (stream !== null) {
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      line(text);
    }
  }
}

function endGroup({ pid }: ChildProcess): void {
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-(pid ?? 0), signal);
    } catch {
      // expected: it has ended by itself
    }
  };
  kill('SIGTERM');
  setTimeout(kill, KILL_AFTER_MS, 'SIGKILL').unref();
}
