// A core module with other names on its imports and exports; all else stays byte for byte.
import { EXPORT_SECTION, IMPORT_SECTION, type ModuleSections, type Span } from './sections.ts';
import type { Renamed } from './spin1.ts';

const utf8 = new TextEncoder();

export function rename(
  { bytes, sections, imports, exports }: ModuleSections,
  importName: (old: Renamed) => Renamed,
  exportName: (old: string) => string,
): Uint8Array {
  const raw = ({ start, end }: Span): Uint8Array => bytes.subarray(start, end);
  const renamedImports = (): Uint8Array[] =>
    imports.flatMap((one) => {
      const { module, name } = importName(one);
      return [...text(module), ...text(name), raw(one.type)];
    });
  const renamedExports = (): Uint8Array[] => exports.flatMap((one) => [...text(exportName(one.name)), raw(one.target)]);
  const written = sections.flatMap(({ id, whole }) => {
    switch (id) {
      case IMPORT_SECTION:
        return section(id, imports.length, renamedImports());
      case EXPORT_SECTION:
        return section(id, exports.length, renamedExports());
      default:
        return [raw(whole)];
    }
  });
  const preamble = bytes.subarray(0, sections[0]?.whole.start ?? bytes.length);
  return Buffer.concat([preamble, ...written]);
}

function section(id: number, count: number, entries: readonly Uint8Array[]): Uint8Array[] {
  const content = Buffer.concat([u32(count), ...entries]);
  return [Uint8Array.of(id), u32(content.length), content];
}

function text(value: string): Uint8Array[] {
  const encoded = utf8.encode(value);
  return [u32(encoded.length), encoded];
}

/** Unsigned LEB128. */
function u32(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
