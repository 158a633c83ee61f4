// What one answer of a database may hold in this process.

/** Spin's MAX_HOST_BUFFERED_BYTES (spin-contract.md §4). */
export const MAX_RESULT_BYTES = 134_217_728;

/** What a value takes besides its content: about what V8 needs for a tagged object. */
const VALUE_BYTES = 32;

export const resultTooLarge = `query result exceeds limit of ${MAX_RESULT_BYTES} bytes`;

/** Counts the bytes of an answer. */
export class ResultBytes {
  readonly #max: number;
  #bytes = 0;

  constructor(max = MAX_RESULT_BYTES) {
    this.#max = max;
  }

  /** One more value, or several together, with so many bytes of content; false when the answer has grown too large. */
  add(contentBytes: number, values = 1): boolean {
    this.#bytes += contentBytes + values * VALUE_BYTES;
    return this.#bytes <= this.#max;
  }
}
