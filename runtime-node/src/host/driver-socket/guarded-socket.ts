// A socket as a database driver gets it: every chunk from the server passes a guard before the driver sees it, since
// drivers believe what servers say. Connecting, TLS and addresses are host/network's; a driver can do none of them here.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** What the driver may see of a chunk. Throws when the server sends what no driver must see. */
export type Guard = (chunk: Buffer) => Iterable<Buffer>;

export class GuardedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #guard: Guard;

  constructor(socket: Socket, guard: Guard) {
    super();
    this.#socket = socket;
    this.#guard = guard;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  // What drivers ask of a socket beside its bytes.

  setNoDelay(): this {
    return this; // As host/network has set it.
  }

  setKeepAlive(enable?: boolean, delay?: number): this {
    this.#socket.setKeepAlive(enable, delay);
    return this;
  }

  setTimeout(): this {
    return this; // Deadlines are not the drivers' to set.
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    try {
      for (const piece of this.#guard(chunk)) {
        if (this.destroyed) {
          return;
        }
        if (!this.push(piece)) {
          this.#socket.pause();
        }
      }
    } catch (error) {
      // expected: the server may be anybody's; who waits is told by the stream's end.
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
