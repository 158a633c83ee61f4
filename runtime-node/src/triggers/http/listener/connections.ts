// All connections of a thread: how many there may be, one clock for all of their time limits, and their end at a stop.
import type { Socket } from 'node:net';
import type { ConnectionCount } from './connection-count.ts';

/** What the clock looks at. */
export interface Watched {
  /** `now` in milliseconds since some fixed moment. Ends what has been still for too long. */
  look(now: number): void;
  /** No more requests; those that have begun go on. */
  finish(): void;
}

export interface Clock {
  now(): number;
  /** Calls `then` again and again; the result ends that. */
  every(milliseconds: number, then: () => void): () => void;
}

const systemClock: Clock = {
  now: () => performance.now(),
  every(milliseconds, then) {
    const interval = setInterval(then, milliseconds);
    // Connections keep the process alive, not the clock that looks at them.
    interval.unref();
    return () => clearInterval(interval);
  },
};

/** A connection of which nothing is known yet. */
class Unknown implements Watched {
  readonly #socket: Socket;
  readonly #until: number;

  constructor(socket: Socket, until: number) {
    this.#socket = socket;
    this.#until = until;
  }

  look(now: number): void {
    if (now >= this.#until) {
      this.#socket.destroy();
    }
  }

  finish(): void {
    this.#socket.destroy();
  }
}

export class Connections {
  /** As they were accepted, also those that still shake hands. */
  readonly #accepted = new Set<Socket>();
  /** By the socket that is read and written, which with TLS is another. */
  readonly #watched = new Map<Socket, Watched>();
  readonly #count: ConnectionCount | undefined;
  readonly #headMs: number;
  readonly #clock: Clock;
  readonly #stop: () => void;

  /** `tickMs`: how often the clock looks. */
  constructor(
    count: ConnectionCount | undefined,
    { headMs, tickMs }: { readonly headMs: number; readonly tickMs: number },
    clock: Clock = systemClock,
  ) {
    this.#count = count;
    this.#headMs = headMs;
    this.#clock = clock;
    this.#stop = clock.every(tickMs, () => this.#tick());
  }

  get size(): number {
    return this.#accepted.size;
  }

  /** False: there are as many as may be. */
  admit(socket: Socket): boolean {
    if (this.#count?.take() === false) {
      return false;
    }
    this.#accepted.add(socket);
    socket.on('close', () => {
      this.#accepted.delete(socket);
      this.#watched.delete(socket);
      this.#count?.release();
    });
    return true;
  }

  /** It can be read. Until `watch` says what it is, it has the time for the head of a request. */
  begin(socket: Socket): void {
    this.#watched.set(socket, new Unknown(socket, this.#clock.now() + this.#headMs));
    if (!this.#accepted.has(socket)) {
      socket.on('close', () => this.#watched.delete(socket));
    }
  }

  watch(socket: Socket, watched: Watched): void {
    if (!socket.destroyed) {
      this.#watched.set(socket, watched);
    }
  }

  of(socket: Socket): Watched | undefined {
    return this.#watched.get(socket);
  }

  /** No more requests. */
  finish(): void {
    for (const watched of this.#watched.values()) {
      watched.finish();
    }
  }

  /** Ends them all, whatever they do. */
  destroy(): void {
    for (const socket of this.#accepted) {
      socket.destroy();
    }
  }

  close(): void {
    this.#stop();
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const watched of this.#watched.values()) {
      watched.look(now);
    }
  }
}
