// The cursor that passes over a core module (core spec §5.2): every read stays below `end`, and `place` names the
// section for messages. Its fields are public because the code pass moves over millions of instructions.
import { RewriteError } from './error.ts';

// Names compare as text, so bytes that are no text must not become equal.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Input {
  readonly bytes: Uint8Array;
  readonly place: string;
  at: number;
  end: number;

  constructor(bytes: Uint8Array, start: number, end: number, place: string) {
    this.bytes = bytes;
    this.place = place;
    this.at = start;
    this.end = end;
  }

  fail(what: string, offset = this.at): RewriteError {
    return new RewriteError(`not a valid module: ${what} in ${this.place}`, offset);
  }

  byte(): number {
    if (this.at >= this.end) {
      throw this.fail('unexpected end');
    }
    return this.bytes[this.at++] as number;
  }

  /** Unsigned LEB128 of 32 bits: at most five bytes, the last with four bits. */
  u32(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.#longU32(first);
  }

  #longU32(first: number): number {
    const start = this.at - 1;
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) {
          break;
        }
        return value;
      }
    }
    throw this.fail('a number above 32 bits', start);
  }

  /** Passes over a LEB128 integer of up to 64 bits. */
  skipInteger(): void {
    for (let length = 0; length < 10; length += 1) {
      if (this.byte() < 0x80) {
        return;
      }
    }
    throw this.fail('a number above 64 bits', this.at - 10);
  }

  /** Unsigned LEB128 of 64 bits, as near as a double comes: sizes of 64-bit memories. */
  u64(): number {
    const start = this.at;
    this.skipInteger();
    let value = 0;
    for (let at = this.at - 1; at >= start; at -= 1) {
      value = value * 0x80 + ((this.bytes[at] as number) & 0x7f);
    }
    return value;
  }

  /** Signed LEB128 of 33 bits: a type's index, or a negative code. */
  s33(): number {
    const start = this.at;
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        value = (byte & 0x40) === 0 ? value : value - scale * 0x80;
        // 2^32 is the most that 33 bits with a sign hold.
        if (value >= 2 ** 32 || value < -(2 ** 32)) {
          break;
        }
        return value;
      }
    }
    throw this.fail('a number above 33 bits', start);
  }

  skip(length: number): void {
    if (length > this.end - this.at) {
      throw this.fail(`${length} bytes where only ${this.end - this.at} are left`);
    }
    this.at += length;
  }

  /** The number of entries that follow; there cannot be more of them than bytes. */
  count(): number {
    const start = this.at;
    const count = this.u32();
    if (count > this.end - this.at) {
      throw this.fail(`${count} entries in ${this.end - this.at} bytes`, start);
    }
    return count;
  }

  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, start + length));
    } catch {
      // expected: bytes that are not UTF-8; the error has nothing more to say
      throw this.fail('a name that is not UTF-8', start);
    }
  }

  /** An index below `total`: what lies above would, once rewritten, mean something that the engine added. */
  index(total: number, what: string): number {
    const start = this.at;
    const index = this.u32();
    if (index >= total) {
      throw this.fail(`${what} ${index} where there are ${total}`, start);
    }
    return index;
  }

  expectEnd(): void {
    if (this.at !== this.end) {
      throw this.fail(`${this.end - this.at} bytes left over`);
    }
  }
}
