// The terminal as the commands see it: given to each, so that tests run a command without a terminal of their own.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export interface Console {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Bytes of guests, as they are. */
  readonly errBytes: (bytes: Uint8Array) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whole standard input as text. */
  readonly readInput: () => Promise<string>;
  /** One line from the terminal. */
  readonly ask: (question: string) => Promise<string>;
  /** The same without showing what is typed. */
  readonly askSecret: (question: string) => Promise<string>;
}

export const processConsole = (): Console => ({
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  errBytes: (bytes) => void process.stderr.write(bytes),
  env: process.env,
  cwd: process.cwd(),
  readInput: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString('utf8');
  },
  ask: (question) => askTerminal(question, process.stderr),
  askSecret: (question) => {
    process.stderr.write(question);
    return askTerminal('', new Writable({ write: (_chunk, _encoding, done) => done() }));
  },
});

/** `echo` shows what is typed; readline echoes nothing else on a terminal. */
async function askTerminal(question: string, echo: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: echo, terminal: true });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
