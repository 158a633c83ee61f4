// Value types (Binary.md "defvaltype"). Those of later proposals are recognised and refused by name.
import type { CompositeType, PrimitiveType, TypeRef } from '../../plan.ts';
import { malformed, unsupported } from './error.ts';
import { MAX_FLAGS, MAX_MEMBERS } from './limits.ts';
import { unknownCode, type Reader } from './reader.ts';

/** From 0x73 upwards. */
const PRIMITIVES: readonly PrimitiveType[] = [
  'string',
  'char',
  'f64',
  'f32',
  'u64',
  's64',
  'u32',
  's32',
  'u16',
  's16',
  'u8',
  's8',
  'bool',
];
const FIRST_PRIMITIVE = 0x73;
const ERROR_CONTEXT = 0x64;

const LATER: ReadonlyMap<number, string> = new Map([
  [0x63, 'the type `map`'],
  [ERROR_CONTEXT, 'the type `error-context`'],
  [0x67, 'a list of fixed length'],
]);

export const primitiveOf = (code: number): PrimitiveType | undefined => PRIMITIVES[code - FIRST_PRIMITIVE];

/** A primitive by its code, or the index of a type defined before. */
export function readValueType(reader: Reader): TypeRef {
  const code = reader.peek('a value type');
  if (code === ERROR_CONTEXT) {
    throw later(code, reader.offset);
  }
  const primitive = primitiveOf(code);
  if (primitive === undefined) {
    return reader.s33('a value type');
  }
  reader.byte('a value type');
  return primitive;
}

const readOptionalType = (reader: Reader): TypeRef | null =>
  readFlag(reader, 'an optional value type') ? readValueType(reader) : null;

/** A byte that is 0 or 1. */
export function readFlag(reader: Reader, what: string): boolean {
  const flag = reader.byte(what);
  if (flag > 1) {
    throw unknownCode(reader, flag, what);
  }
  return flag === 1;
}

/** The result of a function. */
export function readResult(reader: Reader): TypeRef | null {
  if (!readFlag(reader, 'form of result')) {
    return readValueType(reader);
  }
  // Named results were removed in 2024; only their empty list is left, and means "no result".
  const count = reader.byte('the number of results');
  if (count !== 0) {
    throw unknownCode(reader, count, 'number of results');
  }
  return null;
}

/** A type constructor whose code was just read. */
export function readCompositeType(reader: Reader, code: number): CompositeType {
  const offset = reader.offset - 1;
  switch (code) {
    case 0x72: {
      const fields = reader.vector('record fields', MAX_MEMBERS, () => ({
        name: reader.name('a field name'),
        type: readValueType(reader),
      }));
      return { kind: 'record', fields: distinct(fields, 'record', offset) };
    }
    case 0x71: {
      const cases = reader.vector('variant cases', MAX_MEMBERS, readCase);
      return { kind: 'variant', cases: distinct(cases, 'variant', offset) };
    }
    case 0x70:
      return { kind: 'list', element: readValueType(reader) };
    case 0x6f: {
      const elements = reader.vector('tuple elements', MAX_MEMBERS, readValueType);
      if (elements.length === 0) {
        throw malformed('a tuple without elements', offset);
      }
      return { kind: 'tuple', elements };
    }
    case 0x6e:
      return { kind: 'flags', names: readLabels(reader, 'flags', MAX_FLAGS) };
    case 0x6d:
      return { kind: 'enum', names: readLabels(reader, 'enum', MAX_MEMBERS) };
    case 0x6b:
      return { kind: 'option', some: readValueType(reader) };
    case 0x6a:
      return { kind: 'result', ok: readOptionalType(reader), err: readOptionalType(reader) };
    case 0x69:
      return { kind: 'own', resource: reader.u32('a resource type index') };
    case 0x68:
      return { kind: 'borrow', resource: reader.u32('a resource type index') };
    case 0x66:
      return { kind: 'stream', element: readOptionalType(reader) };
    case 0x65:
      return { kind: 'future', element: readOptionalType(reader) };
    default:
      throw LATER.has(code) ? later(code, offset) : unknownCode(reader, code, 'type');
  }
}

function readCase(reader: Reader): { name: string; type: TypeRef | null } {
  const name = reader.name('a case name');
  const type = readOptionalType(reader);
  // Here stood once which case this one refines.
  const refines = reader.byte('the end of a variant case');
  if (refines !== 0) {
    throw unknownCode(reader, refines, 'end of a variant case');
  }
  return { name, type };
}

function readLabels(reader: Reader, what: string, limit: number): string[] {
  const offset = reader.offset;
  const labels = reader.vector(`${what} names`, limit, () => ({ name: reader.name(`a name of ${what}`) }));
  return distinct(labels, what, offset).map((label) => label.name);
}

/**
 * Explainer.md "label": words in small letters or capitals, all but the first of which may begin with a digit. No text
 * matches in two ways.
 */
const LABEL = /^(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9]*[a-z][0-9a-z]*|[0-9A-Z]+))*$/;

/** Labels, no two of which differ only in capitals (Explainer.md "strongly-unique"). */
function distinct<Member extends { name: string }>(members: Member[], what: string, offset: number): Member[] {
  if (members.length === 0) {
    throw malformed(`${what} type without members`, offset);
  }
  const names = new Set<string>();
  for (const { name } of members) {
    const key = name.toLowerCase();
    if (!LABEL.test(name)) {
      throw malformed(`${what} type with a member "${name}", which is no label`, offset);
    }
    if (names.has(key)) {
      throw malformed(`${what} type with two members "${name}"`, offset);
    }
    names.add(key);
  }
  return members;
}

const later = (code: number, offset: number): Error => unsupported(LATER.get(code) ?? 'this type', offset);
