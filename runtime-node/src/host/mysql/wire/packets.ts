// Cuts what a MySQL server sends into packets (MySQL's protocol, "MySQL Packets"). Long ones come in parts of 16 MiB. Memory
// grows with what has come, never with what was announced.

/** What came is not the protocol. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const HEADER_BYTES = 4;
/** A part of this length is not the last. */
const MAX_PART_BYTES = 0xff_ff_ff;
const SEQUENCES = 256;

export class PacketReader {
  readonly #max: number;
  /** What has come of the next part. */
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Parts of a packet that is not complete. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  /** The number that the next part must have. */
  #sequence = 0;

  /** `max` bytes in one packet. */
  constructor(max: number) {
    this.#max = max;
  }

  get sequence(): number {
    return this.#sequence;
  }

  set sequence(next: number) {
    this.#sequence = next % SEQUENCES;
  }

  /** Whether nothing of a next packet has come. */
  get empty(): boolean {
    return this.#length === 0 && this.#parts.length === 0;
  }

  /** The packets that are complete with these bytes; throws ProtocolError. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#append(chunk);
    while (this.#length >= HEADER_BYTES) {
      const length = this.#bytes.readUIntLE(0, 3);
      const end = HEADER_BYTES + length;
      if (this.#bytes.readUInt8(3) !== this.#sequence || this.#partBytes + length > this.#max) {
        throw new ProtocolError(
          this.#partBytes + length > this.#max ? `a packet of ${length} bytes` : 'packets out of order',
        );
      }
      if (this.#length < end) {
        return;
      }
      const part = this.#bytes.subarray(HEADER_BYTES, end);
      this.#bytes = this.#bytes.subarray(end);
      this.#length -= end;
      this.sequence = this.#sequence + 1;
      if (length === MAX_PART_BYTES) {
        this.#parts.push(Buffer.from(part));
        this.#partBytes += length;
        continue;
      }
      const packet = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
      this.#parts = [];
      this.#partBytes = 0;
      yield packet;
    }
  }

  /** Doubles the room, so that a long part is not copied again with each chunk. */
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

/** A packet to be sent, in as many parts as it takes; gives the number after the last. */
export function* partsOf(body: Buffer, sequence: number): Generator<Buffer, number> {
  for (let at = 0; ; at += MAX_PART_BYTES) {
    const part = body.subarray(at, at + MAX_PART_BYTES);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUIntLE(part.length, 0, 3);
    header.writeUInt8(sequence % SEQUENCES, 3);
    yield Buffer.concat([header, part]);
    sequence += 1;
    if (part.length < MAX_PART_BYTES) {
      return sequence % SEQUENCES;
    }
  }
}
