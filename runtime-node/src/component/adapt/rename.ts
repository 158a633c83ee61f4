// A core module with other names on its imports and exports; all else stays byte for byte.
import { EXPORT_SECTION, IMPORT_SECTION, type ModuleSections, type Span } from './sections.ts';
import type { Renamed } from './spin1.ts';
import { exportEntry, sectionOf, text, vectorOf } from './write.ts';

export function rename(
  { bytes, sections, imports, exports }: ModuleSections,
  importName: (old: Renamed) => Renamed,
  exportName: (old: string) => string,
): Uint8Array {
  const raw = ({ start, end }: Span): Uint8Array => bytes.subarray(start, end);
  const renamedImports = (): Uint8Array[] =>
    imports.map((one) => {
      const { module, name } = importName(one);
      return Buffer.concat([...text(module), ...text(name), raw(one.type)]);
    });
  const renamedExports = (): Uint8Array[] => exports.map((one) => exportEntry(exportName(one.name), raw(one.target)));
  const written = sections.flatMap(({ id, whole }) => {
    switch (id) {
      case IMPORT_SECTION:
        return sectionOf(id, vectorOf(renamedImports()));
      case EXPORT_SECTION:
        return sectionOf(id, vectorOf(renamedExports()));
      default:
        return [raw(whole)];
    }
  });
  return Buffer.concat([bytes.subarray(0, sections[0]?.whole.start ?? bytes.length), ...written]);
}
