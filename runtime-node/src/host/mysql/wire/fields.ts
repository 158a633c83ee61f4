// Reads a packet field by field, and writes lengths (MySQL's protocol, "Basic Data Types"); throws ProtocolError at its end.
import { ProtocolError } from './packets.ts';

const NULL = 0xfb;
const TWO_BYTES = 0xfc;
const THREE_BYTES = 0xfd;
const EIGHT_BYTES = 0xfe;

export class Fields {
  readonly #packet: Buffer;
  #at: number;

  constructor(packet: Buffer, at = 0) {
    this.#packet = packet;
    this.#at = at;
  }

  get left(): number {
    return this.#packet.length - this.#at;
  }

  /** The first byte says what a packet is. */
  peek(): number | undefined {
    return this.#packet[this.#at];
  }

  uint(bytes: 1 | 2 | 3 | 4): number {
    return this.take(bytes).readUIntLE(0, bytes);
  }

  /** Undefined is NULL. */
  length(): number | undefined {
    const first = this.uint(1);
    switch (first) {
      case NULL:
        return undefined;
      case TWO_BYTES:
        return this.uint(2);
      case THREE_BYTES:
        return this.uint(3);
      case EIGHT_BYTES: {
        const length = this.take(8).readBigUInt64LE(0);
        // More than any packet holds.
        return length > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(length);
      }
      default:
        return first;
    }
  }

  /** Bytes with their length before them; undefined is NULL. */
  bytes(): Buffer | undefined {
    const length = this.length();
    return length === undefined ? undefined : this.take(length);
  }

  text(): string {
    return this.bytes()?.toString('utf8') ?? '';
  }

  /** Ends with a zero, or with the packet. */
  terminated(): Buffer {
    const end = this.#packet.indexOf(0, this.#at);
    const taken = this.take((end === -1 ? this.#packet.length : end) - this.#at);
    this.#at += end === -1 ? 0 : 1;
    return taken;
  }

  rest(): Buffer {
    return this.take(this.left);
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#packet.length) {
      throw new ProtocolError('a packet that ends too early');
    }
    const taken = this.#packet.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

export function lengthBytes(length: number): Buffer {
  if (length < NULL) {
    return Buffer.from([length]);
  }
  const bytes = Buffer.alloc(9, EIGHT_BYTES);
  bytes.writeBigUInt64LE(BigInt(length), 1);
  return bytes;
}

export const withLength = (bytes: Buffer): Buffer => Buffer.concat([lengthBytes(bytes.length), bytes]);
