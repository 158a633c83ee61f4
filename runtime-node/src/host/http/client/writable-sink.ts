// A request's body going out: the host's BodySink over a Node stream, whose buffer is what the peer has not read yet.
import type { OutgoingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { CLOSED, type StreamError } from '../../io/streams.ts';
import type { BodySink, HeaderList } from '../exchange.ts';

/** As much as one write of a guest (spin-contract.md §3.9). */
const ROOM = 1_048_576;

export interface WritableSinkOptions {
  readonly finish: (trailers: HeaderList | null) => void;
  readonly abort: (reason: string) => void;
}

export class WritableSink implements BodySink {
  readonly #target: Writable | OutgoingMessage;
  readonly #options: WritableSinkOptions;

  constructor(target: Writable | OutgoingMessage, options: WritableSinkOptions) {
    this.#target = target;
    this.#options = options;
  }

  ready(): boolean {
    return this.room() !== 0;
  }

  async wait(): Promise<void> {
    while (!this.ready()) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#target.off('drain', done);
          this.#target.off('close', done);
          resolve();
        };
        this.#target.on('drain', done);
        this.#target.on('close', done);
      });
    }
  }

  room(): number | StreamError {
    if (this.#gone()) {
      return CLOSED;
    }
    return this.#target.writableNeedDrain ? 0 : ROOM;
  }

  write(chunk: Uint8Array): StreamError | undefined {
    if (this.#gone()) {
      return CLOSED;
    }
    this.#target.write(chunk);
    return undefined;
  }

  finish(trailers: HeaderList | null): void {
    if (!this.#gone()) {
      this.#options.finish(trailers);
    }
  }

  abort(reason: string): void {
    if (!this.#gone()) {
      this.#options.abort(reason);
    }
  }

  #gone(): boolean {
    return this.#target.destroyed || this.#target.writableEnded;
  }
}
