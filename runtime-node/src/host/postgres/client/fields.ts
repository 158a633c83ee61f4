// Reads the body of a message, field by field; throws ProtocolError at its end.
import { ProtocolError } from '../../driver-socket/failures.ts';

export class Fields {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get rest(): Buffer {
    return this.#body.subarray(this.#at);
  }

  byte(): number {
    return this.#take(1).readUInt8(0);
  }

  int16(): number {
    return this.#take(2).readInt16BE(0);
  }

  int32(): number {
    return this.#take(4).readInt32BE(0);
  }

  uint32(): number {
    return this.#take(4).readUInt32BE(0);
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  /** Ends with a zero. */
  string(): string {
    const end = this.#body.indexOf(0, this.#at);
    if (end === -1) {
      throw new ProtocolError('a string without an end');
    }
    const text = this.#body.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Undefined is NULL. */
  value(): Buffer | undefined {
    const length = this.int32();
    return length === -1 ? undefined : this.#take(length);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (length < 0 || end > this.#body.length) {
      throw new ProtocolError('a message that ends too early');
    }
    const taken = this.#body.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
