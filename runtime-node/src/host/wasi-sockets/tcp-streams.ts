// The two directions of a TCP connection as streams of wasi:io over one socket of Node. Back-pressure both ways: bytes
// are taken from the peer only as the guest reads, and no more is taken from the guest than Node's buffer holds.
import type { Socket } from 'node:net';
import { CLOSED, InputStream, OutputStream, type StreamError } from '../io/streams.ts';
import { Waiters } from '../io/waiters.ts';
import { errorCodeOf, streamFailure, systemCode, type ErrorCode } from './error-code.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** What `check-write` offers: as much as Node's own buffer, so that a peer that does not read costs twice that. */
const ROOM = 65_536;

export class TcpInputStream extends InputStream {
  readonly #socket: Socket;
  readonly #onDrop: () => void;
  readonly #waiters = new Waiters();
  /** Taken from the socket and not yet read by the guest. */
  #rest = NOTHING;
  #ended = false;
  #failure: ErrorCode | undefined;

  constructor(socket: Socket, onDrop: () => void) {
    super();
    this.#socket = socket;
    this.#onDrop = onDrop;
    socket.on('readable', () => this.#waiters.wake());
    socket.once('end', () => this.#end());
    socket.on('error', (error) => this.#fail(error));
    socket.once('close', () => this.#end());
  }

  override ready(): boolean {
    return this.#fill() || this.#ended;
  }

  override wait(): Promise<void> {
    return this.#waiters.until(() => this.ready());
  }

  override read(max: number): Uint8Array | StreamError {
    if (this.#fill()) {
      const bytes = this.#rest.subarray(0, max);
      this.#rest = this.#rest.subarray(bytes.length);
      return bytes;
    }
    if (this.#failure !== undefined) {
      const failure = streamFailure(this.#failure);
      this.#failure = undefined;
      return failure;
    }
    return this.#ended ? CLOSED : NOTHING;
  }

  /** The guest wants no more. What still comes is left to the buffers, which fill up and then stop the peer. */
  shutdown(): void {
    this.#rest = NOTHING;
    this.#failure = undefined;
    this.#end();
  }

  override [Symbol.dispose](): void {
    this.#onDrop();
    this.trapOnLivePollables();
  }

  /** True when bytes are there. Reading an empty buffer also makes Node take more from the peer. */
  #fill(): boolean {
    if (this.#rest.length === 0 && !this.#ended) {
      this.#rest = (this.#socket.read() as Uint8Array | null) ?? NOTHING;
    }
    return this.#rest.length > 0;
  }

  #end(): void {
    this.#ended = true;
    this.#waiters.wake();
  }

  /** What had arrived before the error is still the guest's. */
  #fail(error: Error): void {
    if (this.#ended) {
      return;
    }
    const last = (this.#socket.read() as Uint8Array | null) ?? NOTHING;
    this.#rest = this.#rest.length === 0 ? last : Buffer.concat([this.#rest, last]);
    // EPIPE is about writing; for a reader it is the end that the peer had sent before.
    this.#failure = systemCode(error) === 'EPIPE' ? undefined : errorCodeOf(error);
    this.#end();
  }
}

export class TcpOutputStream extends OutputStream {
  readonly #socket: Socket;
  readonly #onDrop: () => void;
  readonly #waiters = new Waiters();
  #flushing = false;
  #ending = false;
  #errorTold = false;

  constructor(socket: Socket, onDrop: () => void) {
    super();
    this.#socket = socket;
    this.#onDrop = onDrop;
    socket.once('finish', () => this.#waiters.wake());
    socket.once('close', () => this.#waiters.wake());
  }

  override ready(): boolean {
    return this.#socket.destroyed || this.#room() > 0 || (this.#ending && this.#socket.writableFinished);
  }

  override wait(): Promise<void> {
    return this.#waiters.until(() => this.ready());
  }

  override checkWrite(): number | StreamError {
    return this.#end() ?? this.#room();
  }

  override write(bytes: Uint8Array): StreamError | undefined {
    const end = this.#end();
    if (end === undefined) {
      this.#socket.write(bytes, () => this.#waiters.wake());
    }
    return end;
  }

  /** Over when the system has taken all that was written. */
  override flush(): StreamError | undefined {
    const end = this.#end();
    this.#flushing = end === undefined;
    return end;
  }

  /** Tells the peer the end, after what was written. */
  shutdown(): void {
    this.#ending = true;
    this.#socket.end();
    this.#waiters.wake();
  }

  override [Symbol.dispose](): void {
    this.#onDrop();
    this.trapOnLivePollables();
  }

  #end(): StreamError | undefined {
    const error = this.#socket.errored;
    // As in wasmtime a peer that is gone closes the stream, and only other errors are told.
    if (error !== null && !this.#errorTold && systemCode(error) !== 'EPIPE') {
      this.#errorTold = true;
      return streamFailure(errorCodeOf(error));
    }
    const over = this.#socket.destroyed || (this.#ending && this.#socket.writableFinished);
    return over ? CLOSED : undefined;
  }

  #room(): number {
    this.#flushing &&= this.#socket.writableLength > 0;
    return this.#flushing || this.#ending || this.#socket.writableNeedDrain ? 0 : ROOM;
  }
}
