// A server of tests as a process of its own: it has a directory that goes when it stops, answers on a port of the loopback
// before it is handed out, is asked to stop and then made to, and never outlives the process that started it.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './debian-package.ts';

/** They start in less than a second; a busy machine gets time. */
const START_DEADLINE_MS = 60_000;
/** Between two looks whether it answers. */
const START_PAUSE_MS = 50;
/** Longer than a database needs to write out what tests put into it. */
const STOP_DEADLINE_MS = 10_000;
/** What it said last, for the error when it does not start. */
const MAX_SAID_LINES = 50;

const END_WITH_STARTER = ['setpriv', '--pdeathsig', 'KILL'];

export interface ServerOptions {
  readonly program: Program;
  readonly args: readonly string[];
  /** Own directory of the server; removed when it has stopped. */
  readonly directory: string;
  /** User and group to run as: some servers refuse to be root. */
  readonly user?: number | undefined;
  /** It ends even when this process is killed (setpriv of util-linux). */
  readonly neverOutlives?: boolean;
  /** The signal that ends it at once and cleanly. */
  readonly stopSignal?: NodeJS.Signals;
  readonly env?: Readonly<Record<string, string>>;
  /** Settles when the server is ready; asked again and again until then. Gets every line said so far. */
  readonly ready: (said: readonly string[]) => Promise<boolean> | boolean;
}

export interface ServerProcess {
  readonly pid: number;
  /** The newest lines it wrote. */
  readonly said: readonly string[];
  /** Ends it without a chance to clean up, as a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export const serverDirectory = (name: string): Promise<string> => mkdtemp(join(tmpdir(), `${name}-`));

export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { program, args, directory, user, env = {} } = options;
  const command = options.neverOutlives === true ? [...END_WITH_STARTER, program.path] : [program.path];
  const child = spawn(command[0] ?? '', [...command.slice(1), ...args], {
    cwd: directory,
    env: { ...process.env, ...program.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  // A test process that ends without stopping its server must not leave it behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const said = lastLines(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    process.removeListener('exit', kill);
    await ended(child, signal);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilReady(child, options, said);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    said,
    kill: () => end('SIGKILL'),
    stop: () => end(options.stopSignal ?? 'SIGTERM'),
  };
}

/** Goes on reading as long as it lives: a full pipe would stop the server. */
function lastLines(child: ChildProcess): string[] {
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        said.splice(0, said.length - MAX_SAID_LINES);
      });
    }
  }
  return said;
}

async function untilReady(
  child: ChildProcess,
  { program, ready }: ServerOptions,
  said: readonly string[],
): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await ready(said))) {
    const gone = failure !== undefined || child.exitCode !== null || child.signalCode !== null;
    if (gone || Date.now() > deadline) {
      const what = gone ? 'did not start' : 'was not ready in time';
      throw new Error(`${program.path} ${what}:\n${said.join('\n')}`, { cause: failure });
    }
    await sleep(START_PAUSE_MS);
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}

/** Below those that the kernel gives to connections and to whoever listens on port 0: none of them takes it meanwhile. */
const PORTS = { least: 10_000, most: 32_000 } as const;
const handedOut = new Set<number>();

/** A port that was free a moment ago, and that nobody of this process has got, for servers that cannot choose one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.least, PORTS.most);
    if (!handedOut.has(port) && (await isFree(port))) {
      handedOut.add(port);
      return port;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    // expected: somebody has it.
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** Whether somebody takes connections there. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // expected: not yet.
    return false;
  } finally {
    socket.destroy();
  }
}
