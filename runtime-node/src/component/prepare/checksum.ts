// A checksum against accidents: a page that never reached the disk, a cut file, a flipped bit. FxHash (that of Firefox and
// rustc) over words of 32 bits, since those that Node has cost a start more to load (zlib 2 ms, crypto 5 ms) than it takes
// to check a component.

/** 2^32 divided by the golden ratio, FxHash's factor; odd, so that multiplying loses nothing. */
const FACTOR = 0x9e37_79b9;
const ROTATION = 5;
const WORD_BYTES = 4;

/**
 * Each step maps different states to different ones, and different words too: a change of any one word always shows.
 * `bytes` begin at a multiple of four in their buffer.
 */
export function checksum(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const words = new Int32Array(buffer, byteOffset, Math.floor(length / WORD_BYTES));
  let sum = step(0, length);
  for (let i = 0; i < words.length; i++) {
    sum = step(sum, words[i] as number);
  }
  for (let i = words.length * WORD_BYTES; i < length; i++) {
    sum = step(sum, bytes[i] as number);
  }
  return sum >>> 0;
}

const step = (sum: number, word: number): number =>
  Math.imul(((sum << ROTATION) | (sum >>> (32 - ROTATION))) ^ word, FACTOR);
