// Whatever a guest passes ends in a value or a trap; whatever a host passes ends in a value or an error that says so.
import { anything, array, assert, constantFrom, integer, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { Trap } from '../host-interface.ts';
import type { CanonicalOptions, CompositeType } from '../plan.ts';
import type { Codec } from './codec.ts';
import { TypeCompiler } from './compile.ts';
import { MAX_FLAT_PARAMS, type CoreType, type CoreValue } from './core-types.ts';
import { typedValues, typeTrees } from './testing/arbitrary-type.ts';
import { GuestSide } from './testing/guest-side.ts';
import { addTree, type TypeTree } from './testing/type-tree.ts';
import { ValueError } from './value-error.ts';

const RUNS = { numRuns: 500 };
const encodings = constantFrom<CanonicalOptions['encoding'][]>('utf8', 'utf16', 'latin1+utf16');
/** Small ones are addresses and lengths that may fit, the others are all there are. */
const words = array(constantFrom(0, 1, 2, 3, 8, 64, 255, 65_528, 65_536, -1, 0x7fff_ffff, -0x8000_0000), {
  minLength: MAX_FLAT_PARAMS,
  maxLength: MAX_FLAT_PARAMS,
});

function compile(tree: TypeTree): Codec {
  const types: CompositeType[] = [];
  const root = addTree(types, tree);
  return new TypeCompiler(types, []).codec(root);
}

/** The error, or undefined when `run` succeeds. */
function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    // expected: what it is, is the question.
    return error;
  }
}

const isTrapOrNothing = (error: unknown): boolean => error === undefined || error instanceof Trap;
const isValueErrorOrNothing = (error: unknown): boolean => error === undefined || error instanceof ValueError;

const asCore = (type: CoreType, word: number): CoreValue => (type === 'i64' ? BigInt(word) : word);

it('lifts any flat values over any memory, or traps', () => {
  assert(
    property(typeTrees, encodings, words, uint8Array({ maxLength: 300 }), (tree, encoding, flat, bytes) => {
      const codec = compile(tree);
      const guest = new GuestSide({ encoding });
      guest.put(0, ...bytes);
      const values = (codec.flat ?? []).map((type, i) => asCore(type, flat[i] ?? 0));
      guest.cx.beginLift();
      const error = codec.flat === null ? undefined : errorOf(() => codec.lift(guest.cx, values, 0));
      expect(error).toSatisfy(isTrapOrNothing);
    }),
    RUNS,
  );
});

it('loads from memory full of anything, or traps', () => {
  assert(
    property(typeTrees, encodings, uint8Array({ minLength: 1, maxLength: 300 }), (tree, encoding, bytes) => {
      const codec = compile(tree);
      const guest = new GuestSide({ encoding });
      for (let at = 0; at < guest.bytes.length; at += bytes.length) {
        guest.bytes.set(bytes.subarray(0, guest.bytes.length - at), at);
      }
      guest.cx.beginLift();
      const error = errorOf(() => codec.load(guest.cx, 0));
      expect(error).toSatisfy(isTrapOrNothing);
    }),
    RUNS,
  );
});

it('lowers any value of the host, or says what was expected', () => {
  assert(
    property(typeTrees, anything(), (tree, value) => {
      const codec = compile(tree);
      const { cx } = new GuestSide();
      const at = cx.allocate(codec.size, codec.alignment);
      const error = errorOf(() => codec.store(cx, at, value));
      expect(error).toSatisfy(isValueErrorOrNothing);
    }),
    RUNS,
  );
});

it('checks every address that the guest allocates', () => {
  assert(
    property(typedValues, integer(), ({ type, value }, address) => {
      const codec = compile(type);
      const { cx } = new GuestSide({ realloc: () => address });
      const error = errorOf(() => codec.store(cx, 0, value));
      expect(error).toSatisfy(isTrapOrNothing);
    }),
    RUNS,
  );
});
