// Splits a stream of bytes into its lines, wherever the chunks are cut.
import { BadLine } from './event.ts';

const NEWLINE = 0x0a;
/** The API server takes objects of 3 MiB; escaped as JSON one may be several times as long. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

export class LineSplitter {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that are complete now, without empty ones. Throws BadLine when one has no end. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      const line = this.#complete(chunk.subarray(begin, end));
      begin = end + 1;
      if (line.length > 0) {
        yield line;
      }
    }
    if (begin < chunk.length) {
      this.#parts.push(chunk.subarray(begin));
      this.#bytes += chunk.length - begin;
    }
    if (this.#bytes > this.#maxBytes) {
      throw new BadLine(`a line of the watch has more than ${this.#maxBytes} bytes`, Buffer.concat(this.#parts));
    }
  }

  /** What is left when the stream ends: the beginning of a line that never came. */
  rest(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #complete(last: Uint8Array): Uint8Array {
    if (this.#parts.length === 0) {
      return last;
    }
    const line = Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }
}
