// A strict cursor over a window of the binary (core spec §5.2): every read is bounded by the window, integers have no
// more bytes than their width allows, names are UTF-8. Offsets are always those of the whole binary.
import type { Budget } from './budget.ts';
import { malformed, tooLarge } from './error.ts';
import { MAX_NAME_BYTES } from './limits.ts';

// A byte order mark within a name is part of the name.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #budget: Budget;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number, budget: Budget) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#budget = budget;
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#end;
  }

  peek(what: string): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (byte === undefined) {
      throw malformed(`unexpected end while reading ${what}`, this.#at);
    }
    return byte;
  }

  byte(what: string): number {
    const byte = this.peek(what);
    this.#at += 1;
    return byte;
  }

  /** Unsigned LEB128 of 32 bits: at most five bytes, the last with four bits. */
  u32(what: string): number {
    const start = this.#at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) {
          break;
        }
        return value;
      }
    }
    throw malformed(`${what} is no 32-bit number`, start);
  }

  /** Non-negative signed LEB128 of 33 bits: how a type index is told from a type's code. */
  s33(what: string): number {
    const start = this.#at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if ((byte & 0x40) !== 0 || value > 0xffff_ffff) {
          break;
        }
        return value;
      }
    }
    throw malformed(`${what} is no type index`, start);
  }

  /** Passes over a LEB128 integer of up to 64 bits whose value does not matter here. */
  skipInteger(what: string): void {
    const start = this.#at;
    for (let length = 0; length < 10; length += 1) {
      if (this.byte(what) < 0x80) {
        return;
      }
    }
    throw malformed(`${what} is no 64-bit number`, start);
  }

  name(what: string): string {
    const length = this.u32(`the length of ${what}`);
    const start = this.#at;
    if (length > MAX_NAME_BYTES) {
      throw tooLarge(`bytes in ${what}`, MAX_NAME_BYTES, start);
    }
    this.#take(length, what);
    try {
      return utf8.decode(this.#bytes.subarray(start, start + length));
    } catch (cause) {
      throw malformed(`${what} is not UTF-8`, start, cause);
    }
  }

  /** A count and that many entries. Nothing is allocated for entries that the binary does not hold. */
  vector<Entry>(what: string, limit: number, read: (reader: Reader) => Entry): Entry[] {
    const start = this.#at;
    const count = this.u32(`the number of ${what}`);
    if (count > limit) {
      throw tooLarge(what, limit, start);
    }
    if (count > this.remaining) {
      throw malformed(`${count} ${what} do not fit in the ${this.remaining} bytes left`, start);
    }
    this.#budget.spend(count, start);
    const entries: Entry[] = [];
    for (let index = 0; index < count; index += 1) {
      entries.push(read(this));
    }
    return entries;
  }

  /** The next `length` bytes as a window of their own; this reader goes on behind them. */
  window(length: number, what: string): Reader {
    const start = this.#at;
    this.#take(length, what);
    return new Reader(this.#bytes, start, start + length, this.#budget);
  }

  expectEnd(what: string): void {
    if (!this.atEnd) {
      throw malformed(`${this.remaining} bytes left over at the end of ${what}`, this.#at);
    }
  }

  #take(length: number, what: string): void {
    if (length > this.remaining) {
      throw malformed(`${what} has ${length} bytes but only ${this.remaining} are left`, this.#at);
    }
    this.#at += length;
  }
}

/** The code just read is not one that the format has at this place. */
export const unknownCode = (reader: Reader, code: number, what: string): Error =>
  malformed(`0x${code.toString(16).padStart(2, '0')} is no ${what}`, reader.offset - 1);
