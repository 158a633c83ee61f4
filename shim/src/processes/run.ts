// Starts a program of the node and waits for its end, known to the reaper as a child of Node.
import { spawn, type StdioOptions } from 'node:child_process';
import type { Reaper } from './reaper.ts';

export interface ProgramRun {
  readonly code: number;
  /** What it said on its error stream, when that was not given away. */
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly reaper: Pick<Reaper, 'addOwn' | 'removeOwn'>;
  /** For its standard input; nothing when absent. */
  readonly input?: string;
  /** Descriptors for its three streams, in place of nothing, nothing and being read here. */
  readonly stdio?: readonly [number | 'ignore', number | 'ignore', number | 'ignore'];
}

/** As a shell reports a program that a signal ended. */
const KILLED = 128;
/** A program that says more than this about why it failed says it in its first lines. */
const MAX_STDERR = 16_384;

export async function runProgram(
  program: string,
  args: readonly string[],
  { reaper, input, stdio }: ProgramOptions,
): Promise<ProgramRun> {
  const streams: StdioOptions =
    stdio === undefined ? [input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'] : [...stdio];
  const child = spawn(program, args, { stdio: streams });
  const { pid } = child;
  if (pid !== undefined) {
    reaper.addOwn(pid);
  }
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, MAX_STDERR);
  });
  child.stdin?.on('error', () => {
    // expected: it has ended without reading.
  });
  child.stdin?.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : KILLED)));
  child.once('exit', () => {
    if (pid !== undefined) {
      reaper.removeOwn(pid);
    }
  });
  return { code: await promise, stderr };
}
