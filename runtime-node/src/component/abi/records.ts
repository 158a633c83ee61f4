// record, tuple and flags. CanonicalABI.md load_record, load_flags, store_record, store_flags.
import type { Codec } from './codec.ts';
import type { CoreValue } from './core-types.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import { flagsLayout, recordLayout } from './layout.ts';
import { camelCase } from './names.ts';
import { ValueError } from './value-error.ts';

interface Place {
  readonly codec: Codec;
  readonly offset: number;
  readonly flatOffset: number;
}

/** Fields one after the other, given by position; what record and tuple share. */
function product(fields: readonly Codec[]) {
  const layout = recordLayout(fields);
  const places: readonly Place[] = fields.map((codec, i) => ({
    codec,
    offset: layout.offsets[i] ?? 0,
    flatOffset: layout.flatOffsets[i] ?? 0,
  }));
  const { size, alignment, flat } = layout;
  const usesMemory = fields.some((field) => field.usesMemory);
  const nodes = fields.reduce((sum, field) => sum + field.nodes, 1);
  return { places, shape: { size, alignment, flat, usesMemory, nodes } };
}

export function recordOf(fields: readonly { readonly name: string; readonly codec: Codec }[]): Codec {
  const { places, shape } = product(fields.map((field) => field.codec));
  const members = places.map((place, i) => ({ ...place, key: camelCase(fields[i]?.name ?? '') }));
  return {
    ...shape,
    load(cx, pointer) {
      const record: Record<string, unknown> = {};
      for (const { key, codec, offset } of members) {
        record[key] = codec.load(cx, pointer + offset);
      }
      return record;
    },
    store(cx, pointer, value) {
      const record = objectOf(value, 'a record');
      for (const { key, codec, offset } of members) {
        codec.store(cx, pointer + offset, record[key]);
      }
    },
    lift(cx, flat, at) {
      const record: Record<string, unknown> = {};
      for (const { key, codec, flatOffset } of members) {
        record[key] = codec.lift(cx, flat, at + flatOffset);
      }
      return record;
    },
    lower(cx, value, flat, at) {
      const record = objectOf(value, 'a record');
      for (const { key, codec, flatOffset } of members) {
        codec.lower(cx, record[key], flat, at + flatOffset);
      }
    },
  };
}

export function tupleOf(elements: readonly Codec[]): Codec {
  const { places, shape } = product(elements);
  const itemsOf = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value) || value.length !== elements.length) {
      throw new ValueError(`a tuple as an array of ${elements.length}`, value);
    }
    return value;
  };
  return {
    ...shape,
    load: (cx, pointer) => places.map(({ codec, offset }) => codec.load(cx, pointer + offset)),
    store(cx, pointer, value) {
      const items = itemsOf(value);
      for (const [i, { codec, offset }] of places.entries()) {
        codec.store(cx, pointer + offset, items[i]);
      }
    },
    lift: (cx, flat, at) => places.map(({ codec, flatOffset }) => codec.lift(cx, flat, at + flatOffset)),
    lower(cx, value, flat, at) {
      const items = itemsOf(value);
      for (const [i, { codec, flatOffset }] of places.entries()) {
        codec.lower(cx, items[i], flat, at + flatOffset);
      }
    },
  };
}

export function flagsOf(names: readonly string[]): Codec {
  const layout = flagsLayout(names.length);
  const keys = names.map(camelCase);
  const words = Math.ceil(names.length / 32);

  /** Bits of the names from 32 * word on, as a signed i32. */
  const pack = (flags: Readonly<Record<string, unknown>>, word: number): number => {
    let bits = 0;
    for (const [bit, key] of keys.slice(32 * word, 32 * word + 32).entries()) {
      if (flags[key] === true) {
        bits |= 1 << bit;
      } else if (flags[key] !== false && flags[key] !== undefined) {
        throw new ValueError(`a boolean for the flag ${key}`, flags[key]);
      }
    }
    return bits;
  };
  const unpack = (wordAt: (word: number) => number): Record<string, boolean> => {
    const flags: Record<string, boolean> = {};
    for (const [i, key] of keys.entries()) {
      flags[key] = ((wordAt(i >> 5) >>> (i & 31)) & 1) === 1;
    }
    return flags;
  };
  const loadWord = (cx: LiftLowerContext, pointer: number, word: number): number => {
    switch (layout.size) {
      case 1:
        return cx.view.getUint8(pointer);
      case 2:
        return cx.view.getUint16(pointer, true);
      default:
        return cx.view.getInt32(pointer + 4 * word, true);
    }
  };
  const storeWord = (cx: LiftLowerContext, pointer: number, word: number, bits: number): void => {
    switch (layout.size) {
      case 1:
        return cx.view.setUint8(pointer, bits);
      case 2:
        return cx.view.setUint16(pointer, bits, true);
      default:
        return cx.view.setInt32(pointer + 4 * word, bits, true);
    }
  };
  return {
    ...layout,
    usesMemory: false,
    nodes: 1 + names.length,
    load: (cx, pointer) => unpack((word) => loadWord(cx, pointer, word)),
    store(cx, pointer, value) {
      const flags = objectOf(value, 'flags');
      for (let word = 0; word < words; word++) {
        storeWord(cx, pointer, word, pack(flags, word));
      }
    },
    lift: (_cx, flat: readonly CoreValue[], at) => unpack((word) => Number(flat[at + word])),
    lower(_cx, value, flat, at) {
      const flags = objectOf(value, 'flags');
      for (let word = 0; word < words; word++) {
        flat[at + word] = pack(flags, word);
      }
    },
  };
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) {
    throw new ValueError(`${what} as an object`, value);
  }
  return value as Readonly<Record<string, unknown>>;
}
