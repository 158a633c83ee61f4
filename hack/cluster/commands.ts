// Runs a program of the system to its end; what it said is in the error when it fails.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where Debian keeps what only root uses; PATH of a shell may leave it out. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_OUTPUT_BYTES = 16 << 20;

export const systemPath = (...before: readonly string[]): string =>
  [...before, process.env['PATH'] ?? '', SYSTEM_PATH].join(':');

export async function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const env = { ...process.env, PATH: systemPath(), ...options.env };
  const { stdout } = await execute(program, args, { env, maxBuffer: MAX_OUTPUT_BYTES });
  return stdout;
}
