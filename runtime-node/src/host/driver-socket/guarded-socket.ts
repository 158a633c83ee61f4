// A socket as a database driver gets it: every chunk from the server passes a guard before the driver sees it, since
// drivers believe what servers say. Connecting, TLS and addresses are host/network's; a driver can do none of them here.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export interface Guard {
  /** What the driver may see of a chunk. Throws when the server sends what no driver must see. */
  inspect(chunk: Buffer): Iterable<Buffer>;
  /** Hears of what the driver sends, before the server does. */
  sending?(chunk: Buffer): void;
}

export class GuardedSocket extends Duplex {
  #socket: Socket;
  readonly #guard: Guard;
  readonly #listeners = [
    ['data', (chunk: Buffer) => this.#take(chunk)],
    ['end', () => this.push(null)],
    ['error', (error: Error) => this.destroy(error)],
    ['close', () => this.destroy()],
  ] as const;

  constructor(socket: Socket, guard: Guard) {
    super();
    this.#socket = socket;
    this.#guard = guard;
    this.#listen();
  }

  /** Goes on over TLS, which `start` begins on the socket. Until then no bytes are for the driver. */
  async secure(start: (socket: Socket) => Promise<Socket>): Promise<void> {
    const plain = this.#socket;
    for (const [event, listener] of this.#listeners) {
      plain.off(event, listener);
    }
    this.#socket = await start(plain);
    if (this.destroyed) {
      this.#socket.destroy();
    }
    this.#listen();
  }

  // What drivers ask of a socket beside its bytes.

  /** It is connected already. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

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

  /** What a driver throws while it reads ends the connection: the server may be anybody's, and nobody else can catch it. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    try {
      return super.emit(event, ...args);
    } catch (error) {
      if (event !== 'data') {
        throw error;
      }
      this.destroy(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#guard.sending?.(chunk);
    this.#socket.write(chunk, encoding, done);
  }

  /** Drivers send a request as several messages, each a write. */
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    const bytes = chunks.map(({ chunk, encoding }) => (Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk, encoding)));
    this._write(Buffer.concat(bytes), 'utf8', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #listen(): void {
    for (const [event, listener] of this.#listeners) {
      this.#socket.on(event, listener);
    }
  }

  #take(chunk: Buffer): void {
    try {
      for (const piece of this.#guard.inspect(chunk)) {
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
