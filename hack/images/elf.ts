// Takes from a program what only debuggers read: names and lines of its functions, which are the last fifth of Node's file.
// What is loaded is named by the program headers (ELF-64 specification, 5); the sections behind it are for linkers.

const MAGIC = 0x7f454c46;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
/** Places in the file header. */
const AT = {
  class: 4,
  data: 5,
  programs: 32,
  sections: 40,
  programSize: 54,
  programCount: 56,
  sectionCount: 60,
  sectionNames: 62,
};
/** And in a program header. */
const OFFSET = 8;
const SIZE = 32;

export function withoutSections(program: Uint8Array): Buffer {
  const file = Buffer.from(program.buffer, program.byteOffset, program.byteLength);
  if (
    file.length < 64 ||
    file.readUInt32BE(0) !== MAGIC ||
    file[AT.class] !== CLASS_64 ||
    file[AT.data] !== LITTLE_ENDIAN
  ) {
    throw new Error('this is no 64-bit little-endian ELF file');
  }
  const at = Number(file.readBigUInt64LE(AT.programs));
  const size = file.readUInt16LE(AT.programSize);
  const count = file.readUInt16LE(AT.programCount);
  const ends = Array.from({ length: count }, (_, index) => at + index * size).map(
    (header) => Number(file.readBigUInt64LE(header + OFFSET)) + Number(file.readBigUInt64LE(header + SIZE)),
  );
  const end = Math.max(at + count * size, ...ends);
  if (end > file.length) {
    throw new Error('the ELF file is not whole');
  }
  const kept = Buffer.from(file.subarray(0, end));
  kept.writeBigUInt64LE(0n, AT.sections);
  kept.writeUInt16LE(0, AT.sectionCount);
  kept.writeUInt16LE(0, AT.sectionNames);
  return kept;
}
