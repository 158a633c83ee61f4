// A process of a container as containerd sees it: the first one, or one that was added.
import { closeSync } from 'node:fs';
import type { Ended } from '../processes/reaper.ts';
import type { StdioPaths } from '../processes/stdio.ts';

export type ProcessStatus = 'created' | 'running' | 'stopped';

export class ContainerProcess {
  /** Empty for the first one. */
  readonly execId: string;
  readonly stdio: StdioPaths;
  /** 0 until it is made. */
  pid = 0;
  status: ProcessStatus = 'created';
  ended: Ended | undefined;
  readonly exited: Promise<Ended>;
  readonly #exit: (ended: Ended) => void;
  #stdinKeeper: number | undefined;

  constructor(execId: string, stdio: StdioPaths) {
    this.execId = execId;
    this.stdio = stdio;
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.exited = promise;
    this.#exit = resolve;
  }

  made(pid: number, stdinKeeper: number | undefined): void {
    this.pid = pid;
    this.#stdinKeeper = stdinKeeper;
  }

  hasEnded(ended: Ended): void {
    this.ended = ended;
    this.status = 'stopped';
    this.closeInput();
    this.#exit(ended);
  }

  /** Its input ends when the client has closed its end too. */
  closeInput(): void {
    if (this.#stdinKeeper !== undefined) {
      closeSync(this.#stdinKeeper);
      this.#stdinKeeper = undefined;
    }
  }
}
