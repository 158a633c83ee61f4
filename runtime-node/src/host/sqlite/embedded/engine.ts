// The SQLite processes of one serving thread: few, begun when they are needed, shared by all databases of the app.
import { EngineProcess, type TimeLimits } from './engine-process.ts';

/** With so many, three statements that take long leave one for the others. */
const MAX_PROCESSES = 4;
/** Without any connection it goes, but for the last one, so that the next guest does not wait for a start. */
const IDLE_MS = 30_000;

interface Member {
  readonly process: EngineProcess;
  connections: number;
  idle: NodeJS.Timeout | undefined;
}

/** A place in a process, for one connection. */
export interface Place {
  readonly process: EngineProcess;
  readonly connection: number;
  /** Once. */
  leave(): void;
}

export class Engine {
  readonly #limits: TimeLimits;
  readonly #members = new Set<Member>();
  #nextConnection = 0;
  #closed = false;

  constructor(limits: TimeLimits = {}) {
    this.#limits = limits;
  }

  get processes(): number {
    return this.#members.size;
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return [...this.#members].reduce((sum, { process }) => sum + process.waiting, 0);
  }

  /** In the process that has least to do; a new one when all are at work. */
  take(): Place {
    const [least] = [...this.#members]
      .filter((member) => !member.process.ending)
      .toSorted((a, b) => a.process.waiting - b.process.waiting || a.connections - b.connections);
    const busy = least === undefined || least.process.waiting > 0;
    const member = busy && this.#members.size < MAX_PROCESSES ? this.#begin() : (least ?? this.#begin());
    clearTimeout(member.idle);
    member.connections += 1;
    const connection = this.#nextConnection++;
    return {
      process: member.process,
      connection,
      leave: () => {
        member.process.close(connection);
        member.connections -= 1;
        this.#endWhenIdle(member);
      },
    };
  }

  close(): void {
    this.#closed = true;
    for (const { process, idle } of this.#members) {
      clearTimeout(idle);
      process.kill();
    }
    this.#members.clear();
  }

  #begin(): Member {
    if (this.#closed) {
      throw new Error('the databases are closed');
    }
    const member: Member = {
      process: new EngineProcess(this.#limits, () => this.#members.delete(member)),
      connections: 0,
      idle: undefined,
    };
    this.#members.add(member);
    return member;
  }

  #endWhenIdle(member: Member): void {
    if (member.connections > 0 || this.#members.size === 1) {
      return;
    }
    member.idle = setTimeout(() => {
      if (this.#members.size > 1) {
        this.#members.delete(member);
        member.process.kill();
      }
    }, IDLE_MS).unref();
  }
}
