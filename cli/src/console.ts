// The terminal as the commands see it: given to each, so that tests run a command without a terminal of their own.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { noAnswer, noTerminal } from './errors.ts';

export interface Console {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Bytes of guests, as they are. */
  readonly errBytes: (bytes: Uint8Array) => void;
  /** Resolves when what was written to stderr has gone, or never will: at once, unless its reader is slow. */
  readonly errTaken: () => Promise<void>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Undefined when stdout is none. */
  readonly terminal?: { readonly columns: () => number; readonly write: (text: string) => void };
  /** Whole standard input as text. */
  readonly readInput: () => Promise<string>;
  /** Whether somebody is there to answer. */
  readonly canAsk: boolean;
  /** One line from the terminal. */
  readonly ask: (question: string) => Promise<string>;
  /** The same without showing what is typed. */
  readonly askSecret: (question: string) => Promise<string>;
}

/** Of a terminal that does not say how wide it is. */
const NARROWEST = 80;

export const processConsole = (): Console => ({
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  errBytes: (bytes) => void process.stderr.write(bytes),
  errTaken: async () => {
    if (process.stderr.writableNeedDrain) {
      // Called after all that was written before, and also when the reader has left.
      await new Promise<void>((resolve) => process.stderr.write('', () => resolve()));
    }
  },
  ...(process.stdout.isTTY
    ? {
        terminal: {
          columns: () => process.stdout.columns || NARROWEST,
          write: (text: string) => void process.stdout.write(text),
        },
      }
    : {}),
  env: process.env,
  cwd: process.cwd(),
  readInput: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString('utf8');
  },
  canAsk: process.stdin.isTTY,
  ask: (question) => askTerminal(question, process.stderr),
  askSecret: (question) =>
    askTerminal(question, new Writable({ write: (_chunk, _encoding, done) => done() })).finally(() =>
      // The key that ended the answer was not shown either.
      process.stderr.write('\n'),
    ),
});

/** `echo` shows what is typed. */
async function askTerminal(question: string, echo: NodeJS.WritableStream): Promise<string> {
  if (!process.stdin.isTTY) {
    throw noTerminal();
  }
  const terminal = createInterface({ input: process.stdin, output: echo, terminal: true });
  // Ctrl-D leaves the question open for ever; Ctrl-C rejects it with an error of its own.
  const closed = new Promise<never>((_resolve, reject) => terminal.once('close', () => reject(noAnswer())));
  if (echo !== process.stderr) {
    // Only now, since until here the terminal itself shows what is typed.
    process.stderr.write(question);
  }
  try {
    return await Promise.race([terminal.question(question).catch(() => closed), closed]);
  } finally {
    terminal.close();
  }
}
