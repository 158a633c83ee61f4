// Arbitrary values of the types of a plan, as host-interface.ts has them.
import {
  array,
  bigInt,
  boolean,
  constant,
  constantFrom,
  double,
  float,
  integer,
  oneof,
  option,
  record,
  string,
  tuple,
  uint8Array,
  type Arbitrary,
} from 'fast-check';
import type { ComponentPlan, PrimitiveType, TypeRef } from '../../runtime-node/src/component/index.ts';

const camelCase = (name: string): string => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const PRIMITIVES: Readonly<Record<PrimitiveType, Arbitrary<unknown>>> = {
  bool: boolean(),
  s8: integer({ min: -128, max: 127 }),
  u8: integer({ min: 0, max: 255 }),
  s16: integer({ min: -32_768, max: 32_767 }),
  u16: integer({ min: 0, max: 65_535 }),
  s32: integer(),
  u32: integer({ min: 0, max: 2 ** 32 - 1 }),
  s64: bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u64: bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  f32: float(),
  f64: double(),
  // jco reads the character of code 0 as an error.
  char: string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).map((text) =>
    String.fromCodePoint(text.codePointAt(0) ?? 97),
  ),
  string: string({ unit: 'grapheme' }),
};

export function valuesOf(plan: ComponentPlan, ref: TypeRef): Arbitrary<unknown> {
  if (typeof ref === 'string') {
    return PRIMITIVES[ref];
  }
  const of = (part: TypeRef): Arbitrary<unknown> => valuesOf(plan, part);
  const payload = (part: TypeRef | null): Arbitrary<unknown> => (part === null ? constant(undefined) : of(part));
  const type = plan.types[ref];
  switch (type?.kind) {
    case 'record':
      return record(Object.fromEntries(type.fields.map((field) => [camelCase(field.name), of(field.type)])), {
        noNullPrototype: true,
      });
    case 'flags':
      return record(Object.fromEntries(type.names.map((name) => [camelCase(name), boolean()])), {
        noNullPrototype: true,
      });
    case 'enum':
      return constantFrom(...type.names);
    case 'tuple':
      return tuple(...type.elements.map(of));
    case 'list':
      return type.element === 'u8' ? uint8Array() : array(of(type.element), { maxLength: 5 });
    case 'variant':
      return oneof(
        ...type.cases.map(({ name, type: part }) =>
          part === null ? constant({ tag: name }) : of(part).map((val) => ({ tag: name, val })),
        ),
      );
    case 'result':
      return oneof(
        payload(type.ok).map((val) => ({ tag: 'ok', val })),
        payload(type.err).map((val) => ({ tag: 'err', val })),
      );
    case 'option':
      return typeof type.some === 'number' && plan.types[type.some]?.kind === 'option'
        ? oneof(
            constant({ tag: 'none' }),
            of(type.some).map((val) => ({ tag: 'some', val })),
          )
        : option(of(type.some), { nil: undefined });
    default:
      throw new Error(`no values of type ${type?.kind}`);
  }
}
