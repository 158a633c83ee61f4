// Runs a command in this process: quicker than a process of its own, where nothing of the process itself matters.
import { runCli } from '../program.ts';
import type { Console } from '../console.ts';

export interface InsideOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers to what is asked; nobody is there without it. */
  readonly answers?: readonly string[];
  /** Width of the terminal that stdout is; none without it. */
  readonly columns?: number;
}

export interface Inside {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runInside(args: readonly string[], options: InsideOptions = {}): Promise<Inside> {
  let [stdout, stderr] = ['', ''];
  const { cwd = process.cwd(), env = {}, answers = [], columns } = options;
  const left = [...answers];
  const console: Console = {
    out: (line) => void (stdout += `${line}\n`),
    err: (line) => void (stderr += `${line}\n`),
    errBytes: (bytes) => void (stderr += Buffer.from(bytes).toString()),
    errTaken: async () => {},
    env,
    cwd,
    ...(columns === undefined
      ? {}
      : { terminal: { columns: () => columns, write: (text: string) => void (stdout += text) } }),
    readInput: async () => '',
    canAsk: answers.length > 0,
    ask: async () => left.shift() ?? '',
    askSecret: async () => left.shift() ?? '',
  };
  return { code: await runCli(args, { console }), stdout, stderr };
}
