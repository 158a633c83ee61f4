// `start`: tells containerd where the server is that the new container belongs to, and starts it when there is none.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { serverNotStarted } from '../errors.ts';
import { answers, untilAnswers } from './answers.ts';
import type { ShimFlags } from './flags.ts';
import { ADDRESS_FILE, addressOf, type ServerPlaces } from './places.ts';

export interface StartMeans {
  readonly flags: ShimFlags;
  readonly places: ServerPlaces;
  /** What runs this program again: an executable file and the arguments before its own. */
  readonly program: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
}

/** A server that another call has started may need this long on a busy node. */
const OTHER_SERVER_MS = 10_000;

/** The text for standard output. */
export async function start(means: StartMeans): Promise<string> {
  const { places, env } = means;
  if (!(await answers(places.socket))) {
    await startServer(means);
  }
  const address = addressOf(places.socket);
  writeFileSync(`.${ADDRESS_FILE}`, address);
  renameSync(`.${ADDRESS_FILE}`, ADDRESS_FILE);
  // containerd 2 says so; older ones take the bare address, and call version 2 of the service.
  return Number(env['MAX_SHIM_VERSION'] ?? 2) >= 3
    ? JSON.stringify({ version: 3, address, protocol: 'ttrpc' })
    : address;
}

async function startServer({ flags, places, program, env }: StartMeans): Promise<void> {
  mkdirSync(dirname(places.socket), { recursive: true, mode: 0o711 });
  mkdirSync(places.stateFolder, { recursive: true, mode: 0o711 });
  const { namespace, id, address, debug } = flags;
  const [file, ...before] = program;
  const named = ['-namespace', namespace, '-id', id, '-address', address, '-socket', places.socket];
  const log = openSync(places.logFile, 'a', 0o600);
  const server = spawn(file, [...before, ...named, ...(debug ? ['-debug'] : [])], {
    // Not the bundle's, which could then not be taken away.
    cwd: '/',
    detached: true,
    env,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  server.unref();
  const failed = once(server, 'error').then(([error]) => {
    throw serverNotStarted(String(error), places.logFile);
  });
  // It closes its output when it listens, and when it has ended.
  await Promise.race([server.stdout === null ? undefined : once(server.stdout.resume(), 'close'), failed]);
  if (!(await untilAnswers(places.socket, OTHER_SERVER_MS))) {
    throw serverNotStarted('it does not answer', places.logFile);
  }
}
