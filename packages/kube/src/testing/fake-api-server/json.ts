// JSON values as the fake API server handles them.
import { isDeepStrictEqual } from 'node:util';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const objectAt = (value: unknown): JsonObject => (isObject(value) ? value : {});
export const listAt = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textAt = (value: unknown): string => (typeof value === 'string' ? value : '');
export const isSame = (one: unknown, other: unknown): boolean => isDeepStrictEqual(one, other);

/** Without the fields named. */
export const without = (object: JsonObject, ...fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !fields.includes(name)));

/** The value at a path of fields; undefined where there is none. */
export const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((at: unknown, field) => objectAt(at)[field], value);

export function withValueAt(value: unknown, [field, ...rest]: readonly string[], leaf: unknown): JsonObject {
  const object = objectAt(value);
  return field === undefined
    ? object
    : { ...object, [field]: rest.length === 0 ? leaf : withValueAt(object[field], rest, leaf) };
}
