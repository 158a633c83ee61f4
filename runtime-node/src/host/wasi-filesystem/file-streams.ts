// Streams over an open file. Up to SYNC_BYTES of a stream are read at once in this thread: such a read takes about
// 2 µs from the page cache, a turn through the thread pool 55 µs and a suspension of the guest besides, and most files
// that are served are no longer. What comes after is read by the thread pool, so that a guest that streams a large
// file lets others run between the pieces. Writes are at most WRITE_BUDGET each and go to the page cache at once.
import { read, readSync, writeSync } from 'node:fs';
import { CLOSED, InputStream, OutputStream, type StreamError } from '../io/streams.ts';
import { errorCodeOf, FileIoError, FilesystemError } from './errors.ts';
import type { OpenFile } from './handles.ts';

export const SYNC_BYTES = 65_536;
/** One piece from the thread pool: large enough that its cost vanishes beside copying the bytes. */
const PIECE_BYTES = 262_144;
/** What wasmtime reads when it is asked for readiness and not for a number of bytes. */
const UNASKED_BYTES = 4096;
/** wasmtime's budget for file streams. */
const WRITE_BUDGET = 65_536;

const NOTHING = new Uint8Array(0);

export interface FileInputOptions {
  readonly offset: bigint;
  /** The file does not change while guests run, so that reading ahead is safe. */
  readonly immutable: boolean;
  /** Given back when the stream is dropped. */
  readonly place: Disposable;
}

export class FileInputStream extends InputStream {
  readonly #file: OpenFile;
  readonly #immutable: boolean;
  readonly #place: Disposable;
  #offset: bigint;
  #syncLeft = SYNC_BYTES;
  /** Read by the thread pool and not yet by the guest. */
  #here: Uint8Array = NOTHING;
  #end: StreamError | undefined;
  #reading: Promise<void> | undefined;

  constructor(file: OpenFile, { offset, immutable, place }: FileInputOptions) {
    super();
    this.#file = file.hold();
    this.#offset = offset;
    this.#immutable = immutable;
    this.#place = place;
  }

  override ready(): boolean {
    if (this.#here.length > 0 || this.#end !== undefined || (this.#reading === undefined && this.#syncLeft > 0)) {
      return true;
    }
    this.#readPiece(UNASKED_BYTES);
    return false;
  }

  override wait(): Promise<void> {
    return this.ready() ? Promise.resolve() : this.#readPiece(UNASKED_BYTES);
  }

  override read(max: number): Uint8Array | StreamError {
    if (this.#here.length > 0) {
      const bytes = this.#here.subarray(0, max);
      this.#here = this.#here.subarray(bytes.length);
      return bytes;
    }
    if (this.#end !== undefined) {
      const end = this.#end;
      this.#end = CLOSED;
      return end;
    }
    if (max === 0) {
      return NOTHING;
    }
    if (this.#syncLeft === 0) {
      void this.#readPiece(max);
      return NOTHING;
    }
    return this.#readNow(Math.min(max, this.#syncLeft));
  }

  override [Symbol.dispose](): void {
    this.#end = CLOSED;
    this.#here = NOTHING;
    this.#place[Symbol.dispose]();
    this.#file.release();
    this.trapOnLivePollables();
  }

  #readNow(length: number): Uint8Array | StreamError {
    const buffer = new Uint8Array(length);
    try {
      const count = readSync(this.#file.fd, buffer, 0, length, this.#offset);
      this.#syncLeft -= count;
      return this.#advance(buffer, count);
    } catch (error) {
      this.#end = CLOSED;
      return failed(error);
    }
  }

  #readPiece(asked: number): Promise<void> {
    this.#reading ??= new Promise((resolve) => {
      const length = this.#immutable ? PIECE_BYTES : Math.min(asked, PIECE_BYTES);
      const buffer = new Uint8Array(length);
      const file = this.#file.hold();
      read(file.fd, buffer, 0, length, this.#offset, (error, count) => {
        file.release();
        this.#reading = undefined;
        if (this.#end === undefined) {
          const bytes = error === null ? this.#advance(buffer, count) : failed(error);
          if (bytes instanceof Uint8Array) {
            this.#here = bytes;
          } else {
            this.#end = bytes;
          }
        }
        resolve();
      });
    });
    return this.#reading;
  }

  #advance(buffer: Uint8Array, count: number): Uint8Array | StreamError {
    if (count === 0) {
      this.#end = CLOSED;
      return CLOSED;
    }
    this.#offset += BigInt(count);
    return buffer.subarray(0, count);
  }
}

/** Where writes go: on from an offset, or to the end of the file, wherever it is then. */
export type WritePosition = bigint | 'end';

export class FileOutputStream extends OutputStream {
  readonly #file: OpenFile;
  #position: WritePosition;
  #closed = false;

  /** For `end`, the file must have been opened for appending. The stream holds the file. */
  constructor(file: OpenFile, position: WritePosition) {
    super();
    this.#file = file.hold();
    this.#position = position;
  }

  override ready(): boolean {
    return true;
  }

  override wait(): Promise<void> {
    return Promise.resolve();
  }

  override checkWrite(): number | StreamError {
    return this.#closed ? CLOSED : WRITE_BUDGET;
  }

  override write(bytes: Uint8Array): StreamError | undefined {
    try {
      for (let rest = bytes; rest.length > 0;) {
        rest = rest.subarray(this.#writeSome(rest));
      }
      return undefined;
    } catch (error) {
      this.#closed = true;
      return failed(error);
    }
  }

  /** Every write has gone to the kernel already. */
  override flush(): StreamError | undefined {
    return this.#closed ? CLOSED : undefined;
  }

  override [Symbol.dispose](): void {
    this.#closed = true;
    this.#file.release();
    this.trapOnLivePollables();
  }

  #writeSome(bytes: Uint8Array): number {
    if (this.#position === 'end') {
      return writeSync(this.#file.fd, bytes);
    }
    const count = writeSync(this.#file.fd, bytes, 0, bytes.length, writeOffset(this.#position));
    this.#position += BigInt(count);
    return count;
  }
}

/** Node takes no bigint here, and a number it cannot count exactly would write elsewhere. */
export function writeOffset(offset: bigint): number {
  if (offset > Number.MAX_SAFE_INTEGER) {
    throw new FilesystemError('file-too-large');
  }
  return Number(offset);
}

const failed = (error: unknown): StreamError => ({
  tag: 'last-operation-failed',
  val: new FileIoError(errorCodeOf(error)),
});
