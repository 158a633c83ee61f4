// Frames of ttrpc on a byte stream: 10 bytes of header, then the message (containerd/ttrpc PROTOCOL.md). Pure; what a frame
// means is for its readers.

export const HEADER_BYTES = 10;

/** Of the protocol: a peer may send no longer message, and nobody reads one. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export const FRAME = { request: 1, response: 2, data: 3 } as const;

/** The sender may send more messages of this stream: only streaming calls have it. */
export const FLAG_REMOTE_OPEN = 0x02;

export interface Frame {
  readonly stream: number;
  /** One of FRAME, or anything else that a peer has sent. */
  readonly type: number;
  readonly flags: number;
  /** Undefined when it was longer than a message may be; its bytes are gone. */
  readonly data: Buffer | undefined;
}

export function encodeFrame(frame: {
  readonly stream: number;
  readonly type: number;
  readonly flags?: number;
  readonly data: Uint8Array;
}): Buffer {
  const { stream, type, flags = 0, data } = frame;
  if (data.byteLength > MAX_MESSAGE_BYTES) {
    throw new RangeError(`a message of ${data.byteLength} bytes is longer than ${MAX_MESSAGE_BYTES}`);
  }
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + data.byteLength);
  bytes.writeUInt32BE(data.byteLength, 0);
  bytes.writeUInt32BE(stream, 4);
  bytes.writeUInt8(type, 8);
  bytes.writeUInt8(flags, 9);
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** Takes bytes as they come and gives frames as they are whole. It never holds more than one message. */
export class FrameReader {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Of a message that is too long, what is still to come. */
  #toSkip = 0;

  *push(chunk: Buffer): Generator<Frame, void, undefined> {
    let rest = this.#skip(chunk);
    this.#hold(rest);
    while (this.#heldBytes >= HEADER_BYTES) {
      const joined = this.#join();
      const length = joined.readUInt32BE(0);
      const header = { stream: joined.readUInt32BE(4), type: joined.readUInt8(8), flags: joined.readUInt8(9) };
      if (length > MAX_MESSAGE_BYTES) {
        this.#toSkip = length;
        rest = this.#skip(joined.subarray(HEADER_BYTES));
        this.#replace(rest);
        yield { ...header, data: undefined };
      } else if (joined.length >= HEADER_BYTES + length) {
        this.#replace(joined.subarray(HEADER_BYTES + length));
        yield { ...header, data: joined.subarray(HEADER_BYTES, HEADER_BYTES + length) };
      } else {
        return;
      }
    }
  }

  #skip(chunk: Buffer): Buffer {
    const skipped = Math.min(this.#toSkip, chunk.length);
    this.#toSkip -= skipped;
    return chunk.subarray(skipped);
  }

  #hold(bytes: Buffer): void {
    if (bytes.length > 0) {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
    }
  }

  #replace(bytes: Buffer): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#hold(bytes);
  }

  /**
   * One piece, so that a header can be read from it. A message that comes in many pieces is joined when its length is there
   * and again when it is whole: pieces are counted, not copied, in between.
   */
  #join(): Buffer {
    const [first] = this.#held;
    if (this.#held.length === 1 && first !== undefined) {
      return first;
    }
    if (first !== undefined && first.length >= HEADER_BYTES) {
      const wanted = HEADER_BYTES + first.readUInt32BE(0);
      if (this.#heldBytes < wanted && wanted <= HEADER_BYTES + MAX_MESSAGE_BYTES) {
        return first;
      }
    }
    const joined = Buffer.concat(this.#held);
    this.#held = [joined];
    return joined;
  }
}
