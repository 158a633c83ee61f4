// Reading fields of Kubernetes objects that may be left out.
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';

/** `{ name: value }`, or nothing when the field is absent: to be spread into an object. */
export function optional<Name extends string, T>(
  table: DocumentTable,
  name: Name,
  read: (node: DocumentNode) => T,
): { [Field in Name]?: T } {
  const node = table.get(name);
  // The type of a computed name is any string.
  return (node === undefined ? {} : { [name]: read(node) }) as { [Field in Name]?: T };
}

export const text = (node: DocumentNode): string => node.string();
export const flag = (node: DocumentNode): boolean => node.boolean();
export const texts = (node: DocumentNode): string[] => node.strings();

const INT32_LEAST = -(2 ** 31);
const INT32_MOST = 2 ** 31 - 1;

export const int32 = (node: DocumentNode): number => node.integer(INT32_LEAST, INT32_MOST);

export const listOf =
  <T>(read: (node: DocumentNode) => T) =>
  (node: DocumentNode): T[] =>
    node.list().map(read);

export const textMap = (node: DocumentNode): Record<string, string> => Object.fromEntries(node.stringMap());

/** Of fields that nobody here reads. */
export const asItIs = (node: DocumentNode): Record<string, unknown> =>
  Object.fromEntries(
    node
      .table()
      .entries()
      .map(([name, field]) => [name, field.value]),
  );
