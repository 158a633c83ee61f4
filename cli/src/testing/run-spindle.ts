// Runs the real command in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const BIN = join(import.meta.dirname, '../../bin/spindle.js');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpindleOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of node itself. */
  readonly nodeFlags?: readonly string[];
  /** Another copy of the launcher. */
  readonly bin?: string;
}

export class RunningSpindle {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly finished: Promise<Finished>;

  constructor(args: readonly string[], { cwd, env, nodeFlags = [], bin = BIN }: SpindleOptions = {}) {
    this.child = spawn(process.execPath, [...nodeFlags, bin, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.finished = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Resolves with what matches on stdout, or on stderr; rejects when the process ends before. */
  async printed(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) {
        return match;
      }
      const more = await Promise.race([
        new Promise<true>((resolve) => this.child[stream]?.once('data', () => resolve(true))),
        this.finished.then(() => false),
      ]);
      if (!more && pattern.exec(this[stream]) === null) {
        throw new Error(`ended before printing ${String(pattern)}:\n${this.stdout}${this.stderr}`);
      }
    }
  }

  /** The address it serves, when it does. */
  async serving(): Promise<string> {
    const [, url = ''] = await this.printed(/^Serving (\S+)$/m);
    return url;
  }

  /** The body of its answer to a request. */
  async get(path: string): Promise<string> {
    return (await fetch(`${await this.serving()}${path}`)).text();
  }

  /** Asks it to stop and waits. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    this.child.kill(signal);
    return this.finished;
  }
}

/** Runs a command to its end. */
export function runSpindle(
  args: readonly string[],
  options: SpindleOptions & { readonly input?: string } = {},
): Promise<Finished> {
  const running = new RunningSpindle(args, options);
  running.child.stdin?.end(options.input ?? '');
  return running.finished;
}
