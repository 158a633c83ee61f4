// Cuts what a server sends into messages (PostgreSQL's protocol 3.0, "Message Formats"). A server may announce any length
// and send byte by byte: memory grows with what has come, never with what was announced.

import { ProtocolError } from '../../driver-socket/failures.ts';

export interface Frame {
  /** One letter. */
  readonly type: string;
  readonly body: Buffer;
  /** With its header. */
  readonly whole: Buffer;
}

const HEADER_BYTES = 5;
/** The length counts itself. */
const LENGTH_BYTES = 4;

export class FrameReader {
  #max: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** `max` bytes in one message. */
  constructor(max: number) {
    this.#max = max;
  }

  set max(max: number) {
    this.#max = max;
  }

  /** The messages that are complete with these bytes; throws ProtocolError. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#append(chunk);
    let at = 0;
    try {
      for (;;) {
        const frame = this.#frameAt(at);
        if (frame === undefined) {
          return;
        }
        at += HEADER_BYTES + frame.body.length;
        yield frame;
      }
    } finally {
      this.#bytes = this.#bytes.subarray(at);
      this.#length -= at;
    }
  }

  #frameAt(at: number): Frame | undefined {
    if (this.#length - at < HEADER_BYTES) {
      return undefined;
    }
    const length = this.#bytes.readUInt32BE(at + 1);
    if (length < LENGTH_BYTES || length > this.#max) {
      throw new ProtocolError(`a message of ${length} bytes`);
    }
    const end = at + 1 + length;
    return this.#length < end
      ? undefined
      : {
          type: String.fromCharCode(this.#bytes.readUInt8(at)),
          body: this.#bytes.subarray(at + HEADER_BYTES, end),
          whole: this.#bytes.subarray(at, end),
        };
  }

  /** Doubles the room, so that a long message is not copied again with each chunk. */
  #append(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#bytes = chunk;
      this.#length = chunk.length;
      return;
    }
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }
}
