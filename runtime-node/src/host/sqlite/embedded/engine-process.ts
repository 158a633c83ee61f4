// A SQLite process as this process sees it: requests go in, answers come out, and it is ended when a statement takes too
// long or nobody waits for it any more.
import { fork, type ChildProcess } from 'node:child_process';
import { ioError } from '../backend.ts';
import type { RawResult, Reply, Request } from './messages.ts';

/** A statement, with the wait for those before it; far beyond what a request may wait for. */
const STATEMENT_LIMIT_MS = 30_000;
/** A statement that nobody waits for may still end by itself: others use the process too. */
const GRACE_MS = 2000;
/** What SQLite says when it is told to stop. */
const INTERRUPTED = 'interrupted';

type Asking = Exclude<Request, { kind: 'close' }>;
/** Distributes over the union. */
export type Ask = Asking extends infer R ? (R extends Asking ? Omit<R, 'id'> : never) : never;

interface Pending {
  readonly resolve: (result: RawResult) => void;
  readonly reject: (error: Error) => void;
}

export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: () => void;
  #nextId = 0;
  #why = 'the database process has ended';
  #hasEnded = false;

  /** `ended` is called once when it has, whatever the reason. */
  constructor(ended: () => void) {
    this.#ended = ended;
    this.#child = fork(new URL('./engine-main.ts', import.meta.url), {
      serialization: 'advanced',
      // Nothing of this process's secrets.
      env: {},
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (reply: Reply) => this.#settle(reply));
    this.#child.on('error', () => this.#end());
    this.#child.on('exit', () => this.#end());
    process.once('exit', this.kill);
    this.#keepAlive(false);
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#pending.size;
  }

  get ended(): boolean {
    return this.#hasEnded;
  }

  /** Rejects with SqliteError, or with the signal's reason. */
  ask(request: Ask, signal: AbortSignal): Promise<RawResult> {
    signal.throwIfAborted();
    if (this.#hasEnded) {
      return Promise.reject(ioError(this.#why));
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      let timer = setTimeout(() => this.#stop(), STATEMENT_LIMIT_MS);
      const onAbort = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => this.#stop(), GRACE_MS).unref();
        reject(signal.reason as Error);
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      this.#pending.set(id, {
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal.addEventListener('abort', onAbort);
      this.#keepAlive(true);
      this.#send({ ...request, id });
    });
  }

  close(connection: number): void {
    if (!this.#hasEnded) {
      this.#send({ kind: 'close', connection });
    }
  }

  readonly kill = (): void => {
    this.#child.kill('SIGKILL');
  };

  #send(request: Request): void {
    // A process that has just ended takes no more; its end settles all that wait.
    this.#child.send(request, () => {});
  }

  #stop(): void {
    this.#why = INTERRUPTED;
    this.kill();
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('result' in reply) {
      pending?.resolve(reply.result);
    } else {
      pending?.reject(ioError(reply.failure));
    }
    this.#keepAlive(this.#pending.size > 0);
  }

  #end(): void {
    if (this.#hasEnded) {
      return;
    }
    this.#hasEnded = true;
    process.removeListener('exit', this.kill);
    for (const pending of this.#pending.values()) {
      pending.reject(ioError(this.#why));
    }
    this.#pending.clear();
    this.#ended();
  }

  /** An idle process does not keep this one from ending. */
  #keepAlive(alive: boolean): void {
    if (alive) {
      this.#child.ref();
      this.#child.channel?.ref();
    } else {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }
}
