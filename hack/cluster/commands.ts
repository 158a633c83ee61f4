// Runs a program of the system to its end; what it said is in the error when it fails.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where Debian keeps what only root uses; PATH of a shell may leave it out. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_OUTPUT_BYTES = 16 << 20;

export const systemPath = (...before: readonly string[]): string =>
  [...before, process.env['PATH'] ?? '', SYSTEM_PATH].join(':');

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** For its standard input. */
  readonly input?: string;
}

export async function run(
  program: string,
  args: readonly string[],
  { env = {}, input = '' }: RunOptions = {},
): Promise<string> {
  const running = execute(program, args, {
    env: { ...process.env, PATH: systemPath(), ...env },
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  running.child.stdin?.on('error', () => {
    // expected: it has ended without reading.
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}
