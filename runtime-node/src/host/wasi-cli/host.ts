// wasi:cli 0.2 and 0.3: environment, exit, standard streams and terminals of a component that runs in a server: it has no working
// directory and no terminal; arguments and a stdin only where its trigger calls it as a command.
import { FutureReader, plain, type HostInterface, type Result, type StreamReader } from '../../component/index.ts';
import type { ComponentContext, Guest, Stdio } from '../guest.ts';
import { readable, writeAll } from '../io/byte-streams.ts';
import { emptyInputStream, SinkOutputStream } from '../io/ready-made.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import { GuestExit } from './exit.ts';

/** Resources that no guest ever holds, since there are no terminals. */
abstract class TerminalInput {
  abstract readonly direction: 'input';
}
abstract class TerminalOutput {
  abstract readonly direction: 'output';
}

/** `cwd`: what the release calls the function that tells the working directory. */
export function environment(component: ComponentContext, cwd: 'initial-cwd' | 'get-initial-cwd'): HostInterface<Guest> {
  const variables = Object.entries(component.env);
  return {
    repeatable: true,
    resources: {},
    functions: {
      'get-environment': plain(({ call: { command } }: Guest) =>
        command === undefined ? variables : Object.entries({ ...command.env, ...component.env }),
      ),
      'get-arguments': plain(({ call }: Guest) => [...(call.command?.args ?? [])]),
      [cwd]: plain(() => undefined),
    },
  };
}

export const exit: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: {
    exit: plain((_guest, status: Result<undefined, undefined>) => {
      throw new GuestExit(status.tag === 'ok' ? 0 : 1);
    }),
    'exit-with-code': plain((_guest, status: number) => {
      throw new GuestExit(status);
    }),
  },
};

const stdinOf = ({ call }: Guest): InputStream => call.command?.stdin() ?? emptyInputStream();

const outputOf = (guest: Guest, stream: Stdio): OutputStream =>
  guest.call.command?.[stream]?.() ?? new SinkOutputStream((bytes) => guest.log(stream, bytes));

export const stdin: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: { 'get-stdin': plain(stdinOf) },
};

export const output = (stream: Stdio): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions: { [`get-${stream}`]: plain((guest: Guest) => outputOf(guest, stream)) },
});

type CliError = 'io' | 'illegal-byte-sequence' | 'pipe';
const cliError = (): CliError => 'io';

/** Those of 0.3. */
export const asyncStdin: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: { 'read-via-stream': plain((guest: Guest) => readable(stdinOf(guest), cliError)) },
};

export const asyncOutput = (stream: Stdio): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions: {
    'write-via-stream': plain((guest: Guest, bytes: StreamReader) =>
      FutureReader.from(writeAll(bytes, outputOf(guest, stream), cliError)),
    ),
  },
});

const none = plain(() => undefined);

export const terminals: ReadonlyMap<string, HostInterface<Guest>> = new Map<string, HostInterface<Guest>>([
  ['terminal-input', { repeatable: true, resources: { 'terminal-input': TerminalInput }, functions: {} }],
  ['terminal-output', { repeatable: true, resources: { 'terminal-output': TerminalOutput }, functions: {} }],
  ['terminal-stdin', { repeatable: true, resources: {}, functions: { 'get-terminal-stdin': none } }],
  ['terminal-stdout', { repeatable: true, resources: {}, functions: { 'get-terminal-stdout': none } }],
  ['terminal-stderr', { repeatable: true, resources: {}, functions: { 'get-terminal-stderr': none } }],
]);
