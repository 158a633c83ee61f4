// Arbitrary types and values through the compiled codecs, compared with the specification's own definitions.
import { assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CanonicalOptions, CompositeType } from '../plan.ts';
import type { Codec } from './codec.ts';
import { TypeCompiler } from './compile.ts';
import { MAX_FLAT_PARAMS, type CoreType, type CoreValue } from './core-types.ts';
import { typedValues, typeTrees } from './testing/arbitrary-type.ts';
import { GuestSide } from './testing/guest-side.ts';
import { alignment, flatten, ReferenceGuest, size } from './testing/reference.ts';
import { addTree, type TypeTree } from './testing/type-tree.ts';

const RUNS = { numRuns: 400 };
const encodings = constantFrom<CanonicalOptions['encoding'][]>('utf8', 'utf16', 'latin1+utf16');

function compile(tree: TypeTree): Codec {
  const types: CompositeType[] = [];
  const root = addTree(types, tree);
  return new TypeCompiler(types, []).codec(root);
}

/** Core values have no sign; we use either. */
const unsigned = (values: readonly CoreValue[], types: readonly CoreType[]): CoreValue[] =>
  values.map((value, i) => {
    switch (types[i]) {
      case 'i32':
        return Number(value) >>> 0;
      case 'i64':
        // Throws on a number, as wasm would.
        return BigInt.asUintN(64, value as bigint);
      default:
        return value;
    }
  });

/** As an import gets them from wasm. */
const fromWasm = (values: readonly CoreValue[], types: readonly CoreType[]): CoreValue[] =>
  values.map((value, i) => {
    switch (types[i]) {
      case 'i32':
        return Number(value) | 0;
      case 'i64':
        return BigInt.asIntN(64, BigInt(value));
      case 'f32':
        return Math.fround(Number(value));
      default:
        return value;
    }
  });

describe('the compiled codec of any type', () => {
  it('has the size, alignment and flat types of the specification', () => {
    assert(
      property(typeTrees, (tree) => {
        const codec = compile(tree);
        const flat = flatten(tree);
        expect({ size: codec.size, alignment: codec.alignment, flat: codec.flat }).toEqual({
          size: size(tree),
          alignment: alignment(tree),
          flat: flat.length > MAX_FLAT_PARAMS ? null : flat,
        });
      }),
      RUNS,
    );
  });

  it('loads back what it stored', () => {
    assert(
      property(typedValues, encodings, ({ type, value }, encoding) => {
        const codec = compile(type);
        const { cx } = new GuestSide({ encoding });
        const at = cx.allocate(codec.size, codec.alignment);
        codec.store(cx, at, value);
        expect(codec.load(cx, at)).toStrictEqual(value);
      }),
      RUNS,
    );
  });

  it('loads back what it stored when each allocation moves the memory', () => {
    assert(
      property(typedValues, ({ type, value }) => {
        const codec = compile(type);
        const { cx } = new GuestSide({ alwaysGrow: true });
        const at = cx.allocate(codec.size, codec.alignment);
        codec.store(cx, at, value);
        expect(codec.load(cx, at)).toStrictEqual(value);
      }),
      { numRuns: 100 },
    );
  });

  it('stores the same bytes, allocated in the same order, as the specification', () => {
    assert(
      property(typedValues, encodings, ({ type, value }, encoding) => {
        const codec = compile(type);
        const ours = new GuestSide({ encoding });
        const theirs = new GuestSide({ encoding });
        const at = ours.cx.allocate(codec.size, codec.alignment);
        theirs.cx.allocate(codec.size, codec.alignment);
        // What stood in memory before must stay where no part of the value is.
        ours.bytes.fill(0xa5);
        theirs.bytes.fill(0xa5);
        codec.store(ours.cx, at, value);
        new ReferenceGuest(theirs.memory, theirs.allocator, encoding).store(type, value, at);
        expect(Buffer.compare(ours.bytes, theirs.bytes)).toBe(0);
      }),
      RUNS,
    );
  });

  it('lowers to the same flat values as the specification', () => {
    assert(
      property(typedValues, encodings, ({ type, value }, encoding) => {
        const codec = compile(type);
        if (codec.flat === null) {
          return;
        }
        const ours = new GuestSide({ encoding });
        const theirs = new GuestSide({ encoding });
        const flat: CoreValue[] = [];
        codec.lower(ours.cx, value, flat, 0);
        const expected = new ReferenceGuest(theirs.memory, theirs.allocator, encoding).lowerFlat(type, value);
        expect(unsigned(flat, codec.flat)).toStrictEqual(unsigned(expected, codec.flat));
        expect(Buffer.compare(ours.bytes, theirs.bytes)).toBe(0);
      }),
      RUNS,
    );
  });

  it('lifts back what it lowered, also from the middle of other values', () => {
    assert(
      property(typedValues, encodings, ({ type, value }, encoding) => {
        const codec = compile(type);
        if (codec.flat === null) {
          return;
        }
        const { cx } = new GuestSide({ encoding });
        const flat: CoreValue[] = [];
        codec.lower(cx, value, flat, 0);
        const passed = [7n, ...fromWasm(flat, codec.flat), 7n];
        expect(codec.lift(cx, passed, 1)).toStrictEqual(value);
        expect([passed[0], passed.at(-1)]).toEqual([7n, 7n]);
      }),
      RUNS,
    );
  });
});
