// Arbitrary component types with arbitrary values of them, as the conventions of host-interface.ts have them.
import {
  array,
  bigInt,
  boolean,
  constant,
  constantFrom,
  double,
  float,
  integer,
  letrec,
  oneof,
  option,
  record,
  string,
  tuple,
  uint8Array,
  type Arbitrary,
} from 'fast-check';
import type { PrimitiveType } from '../../plan.ts';
import { camelCase } from '../names.ts';
import type { TypeTree } from './type-tree.ts';

const PRIMITIVES: readonly PrimitiveType[] = [
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
];

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `part-${i}`);
const named = (types: readonly TypeTree[]) => types.map((type, i) => ({ name: `part-${i}`, type }));
/** Few flags fill a byte or a word to the last bit; more than 32 take several words. */
const flagCounts = [1, 7, 8, 9, 16, 17, 31, 32, 33, 64, 70];

export const typeTrees: Arbitrary<TypeTree> = letrec<{ type: TypeTree }>((tie) => {
  const some = (maxLength: number) => array(tie('type'), { minLength: 1, maxLength });
  const perhaps = option(tie('type'));
  return {
    type: oneof(
      { maxDepth: 4, depthIdentifier: 'type' },
      constantFrom<TypeTree>(...PRIMITIVES),
      constantFrom(...flagCounts).map((count): TypeTree => ({ kind: 'flags', names: names(count) })),
      integer({ min: 1, max: 300 }).map((count): TypeTree => ({ kind: 'enum', names: names(count) })),
      some(6).map((types): TypeTree => ({ kind: 'record', fields: named(types) })),
      some(4).map((elements): TypeTree => ({ kind: 'tuple', elements })),
      array(perhaps, { minLength: 1, maxLength: 5 }).map((types): TypeTree => ({
        kind: 'variant',
        cases: types.map((type, i) => ({ name: `part-${i}`, type })),
      })),
      tie('type').map((element): TypeTree => ({ kind: 'list', element })),
      tie('type').map((inner): TypeTree => ({ kind: 'option', some: inner })),
      tuple(perhaps, perhaps).map(([ok, err]): TypeTree => ({ kind: 'result', ok, err })),
    ),
  };
}).type;

const int = (bits: number, signed: boolean) =>
  signed ? integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }) : integer({ min: 0, max: 2 ** bits - 1 });

export type PrimitiveValues = Readonly<Record<PrimitiveType, Arbitrary<unknown>>>;

export const primitiveValues: PrimitiveValues = {
  bool: boolean(),
  s8: int(8, true),
  u8: int(8, false),
  s16: int(16, true),
  u16: int(16, false),
  s32: int(32, true),
  u32: int(32, false),
  s64: bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u64: bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  f32: float(),
  f64: double(),
  char: string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  string: string({ unit: 'binary' }),
};

/** Values of a type; those of primitives from elsewhere, where not all will do. */
export function valuesOf(type: TypeTree, primitives: PrimitiveValues = primitiveValues): Arbitrary<unknown> {
  if (typeof type === 'string') {
    return primitives[type];
  }
  const of = (part: TypeTree): Arbitrary<unknown> => valuesOf(part, primitives);
  const tagged = (part: TypeTree | null, tag: string): Arbitrary<unknown> =>
    (part === null ? constant(undefined) : of(part)).map((val) => ({ tag, val }));
  switch (type.kind) {
    case 'record':
      return record(Object.fromEntries(type.fields.map(({ name, type: field }) => [camelCase(name), of(field)])), {
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
      return type.element === 'u8' ? uint8Array() : array(of(type.element), { maxLength: 4 });
    case 'variant':
      return oneof(
        ...type.cases.map(({ name, type: payload }) =>
          payload === null ? constant({ tag: name }) : of(payload).map((val) => ({ tag: name, val })),
        ),
      );
    case 'option':
      return typeof type.some === 'object' && type.some.kind === 'option'
        ? oneof(
            constant({ tag: 'none' }),
            of(type.some).map((val) => ({ tag: 'some', val })),
          )
        : option(of(type.some), { nil: undefined });
    case 'result':
      return oneof(tagged(type.ok, 'ok'), tagged(type.err, 'err'));
  }
}

export const typedValues: Arbitrary<{ readonly type: TypeTree; readonly value: unknown }> = typeTrees.chain((type) =>
  valuesOf(type).map((value) => ({ type, value })),
);
