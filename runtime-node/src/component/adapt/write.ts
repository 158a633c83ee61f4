// Writes pieces of the binary format of core modules.

const utf8 = new TextEncoder();

/** Unsigned LEB128. */
export function u32(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

export function text(value: string): Uint8Array[] {
  const encoded = utf8.encode(value);
  return [u32(encoded.length), encoded];
}

/** `target`: sort and index. */
export const exportEntry = (name: string, target: Uint8Array): Uint8Array => Buffer.concat([...text(name), target]);

export const vectorOf = (entries: readonly Uint8Array[]): Uint8Array[] => [u32(entries.length), ...entries];

export function sectionOf(id: number, content: readonly Uint8Array[]): Uint8Array[] {
  const whole = Buffer.concat(content);
  return [Uint8Array.of(id), u32(whole.length), whole];
}
