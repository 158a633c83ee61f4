// The server: listens until nobody needs it, collects processes, and is what failures of one call must not end: all pods of a
// node hang on it.
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { createEventPublisher } from '../events/publisher.ts';
import { loadLibc } from '../ffi/index.ts';
import { createShimLog, type Level, type ShimLog } from '../log/bundle-log.ts';
import { Reaper } from '../processes/reaper.ts';
import { TASK_SERVICES, taskService } from '../task/service.ts';
import { type PrepareBundle, Tasks } from '../task/tasks.ts';
import { createTtrpcServer } from '../ttrpc/index.ts';
import { createAnnouncement } from './announcement.ts';
import type { ServerOwner, ServerPlaces } from './places.ts';

export interface ServeOptions {
  readonly owner: ServerOwner;
  readonly places: ServerPlaces;
  /** containerd's socket for events. */
  readonly eventSocket: string;
  readonly path: string;
  readonly logLevel: Level;
  /** How long it stays when there is no container and nobody is connected. */
  readonly lingerMs: number;
  prepareWith(means: { readonly log: ShimLog }): PrepareBundle;
}

/** Settles when it listens, or when another server is there already: to whether this one does. */
export async function serve(options: ServeOptions): Promise<boolean> {
  const { owner, places, eventSocket, path, logLevel, lingerMs } = options;
  const claim = await claimed(places.claim);
  if (claim === undefined) {
    return false;
  }
  const log = createShimLog(logLevel, now);
  const libc = loadLibc();
  libc.becomeSubreaper();
  const reaper = new Reaper({ libc, now });
  process.on('SIGCHLD', () => reaper.look());
  const publisher = createEventPublisher({
    path: eventSocket,
    namespace: owner.namespace,
    now,
    onLost: (topic, error) => complain(`event ${topic} was not delivered`, error),
  });
  mkdirSync(places.runtimeRoot, { recursive: true, mode: 0o700 });
  const announcement = createAnnouncement(places, owner);
  const idle = new IdleWatch(lingerMs, () => {
    announcement.withdraw();
    if (Date.now() - announcement.lastStart() < lingerMs) {
      announcement.write();
      return idle.begin();
    }
    server.close();
    claim.close();
    void publisher.flushed().then(() => publisher.close());
  });
  const tasks = new Tasks({
    means: { libc, reaper, events: publisher },
    prepare: options.prepareWith({ log }),
    stateRoot: places.runtimeRoot,
    path,
    onChange: () => idle.tasks(tasks.size),
  });
  const service = taskService(tasks, process.pid);
  const server = createTtrpcServer({
    services: new Map(TASK_SERVICES.map((name) => [name, service])),
    onDefect: (error, method) => complain(`defect in ${method}`, error),
  });
  server.on('connection', (socket) => {
    idle.connected(1);
    socket.once('close', () => idle.connected(-1));
  });
  await listen(server, places.socket);
  announcement.write();
  idle.begin();
  return true;
}

export function ignoreEndings(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGPIPE', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // expected: whoever stops containerd by its control group means containerd, not the pods.
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => complain('defect', error));
  }
}

const now = (): Date => new Date();

/** Into the server's own log file. */
function complain(message: string, error: unknown): void {
  console.error(new Date().toISOString(), message, error);
}

/** Whoever waits for this process to be ready waits for the end of its output. */
export const tellReady = (): void => closeSync(1);

/** Undefined when another process has it. */
async function claimed(name: string): Promise<Server | undefined> {
  const server = createServer();
  server.listen(name);
  try {
    await once(server, 'listening');
    return server;
  } catch {
    // expected: a server of this kind lives already.
    return undefined;
  }
}

async function listen(server: Server, socket: string): Promise<void> {
  // Left by a server that was killed: the claim says that there is none.
  rmSync(socket, { force: true });
  server.listen(socket);
  await once(server, 'listening');
  chmodSync(socket, 0o600);
}

/** Nothing to do for so long: no container, and no connection of someone who is about to make one. */
class IdleWatch {
  readonly #lingerMs: number;
  readonly #onIdle: () => void;
  #tasks = 0;
  #connections = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(lingerMs: number, onIdle: () => void) {
    this.#lingerMs = lingerMs;
    this.#onIdle = onIdle;
  }

  begin(): void {
    this.#look();
  }

  tasks(count: number): void {
    this.#tasks = count;
    this.#look();
  }

  connected(difference: 1 | -1): void {
    this.#connections += difference;
    this.#look();
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (this.#tasks === 0 && this.#connections === 0) {
      this.#timer = setTimeout(this.#onIdle, this.#lingerMs);
    }
  }
}
