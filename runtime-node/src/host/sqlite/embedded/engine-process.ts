// A SQLite process as this process sees it: requests go in, answers come out, and it is ended when a statement takes too
// long or nobody waits for it any more.
import { fork, type ChildProcess } from 'node:child_process';
import { ioError } from '../backend.ts';
import type { RawResult, Reply, Request } from './messages.ts';

export interface TimeLimits {
  /** Of a statement, with the wait for those before it; by default far beyond what a request may wait for. */
  readonly statementMs?: number;
  /** A statement that nobody waits for may still end by itself so long: others use the process too. */
  readonly graceMs?: number;
}

const STATEMENT_MS = 30_000;
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
  readonly #limits: TimeLimits;
  readonly #ended: () => void;
  #nextId = 0;
  #why = 'the database process has ended';
  #hasEnded = false;
  #stopped = false;

  /** `ended` is called once when it has, whatever the reason. */
  constructor(limits: TimeLimits, ended: () => void) {
    this.#limits = limits;
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

  /** It has ended or is about to. */
  get ending(): boolean {
    return this.#hasEnded || this.#stopped;
  }

  /** Rejects with SqliteError, or with the signal's reason. */
  ask(request: Ask, signal: AbortSignal): Promise<RawResult> {
    signal.throwIfAborted();
    if (this.ending) {
      return Promise.reject(ioError(this.#why));
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      let timer = setTimeout(() => this.#stop(), this.#limits.statementMs ?? STATEMENT_MS);
      const onAbort = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => this.#stop(), this.#limits.graceMs ?? GRACE_MS).unref();
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
    this.#stopped = true;
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
