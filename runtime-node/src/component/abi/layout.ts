// Size, alignment and flat core types of component types, composed from those of their parts. Pure.
// CanonicalABI.md "Alignment", "Element Size", "Flattening".
import { join, MAX_FLAT_PARAMS, type CoreType } from './core-types.ts';

export interface Layout {
  readonly size: number;
  readonly alignment: number;
  /**
   * Null when there are more than MAX_FLAT_PARAMS: such a value only ever goes through memory, and a type that
   * nests itself twice at each level would otherwise flatten to more core types than fit into memory.
   */
  readonly flat: readonly CoreType[] | null;
}

export const scalarLayout = (size: number, flat: CoreType): Layout => ({ size, alignment: size, flat: [flat] });

/** string and list: a pointer and a length. */
export const POINTER_PAIR: Layout = { size: 8, alignment: 4, flat: ['i32', 'i32'] };

/** own and borrow: an index into a handle table. */
export const HANDLE: Layout = scalarLayout(4, 'i32');

const alignTo = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment;

export interface RecordLayout extends Layout {
  readonly offsets: readonly number[];
  /** Where each field begins among the flat values; empty when `flat` is null. */
  readonly flatOffsets: readonly number[];
}

export function recordLayout(fields: readonly Layout[]): RecordLayout {
  const offsets: number[] = [];
  let size = 0;
  let alignment = 1;
  for (const field of fields) {
    const offset = alignTo(size, field.alignment);
    offsets.push(offset);
    size = offset + field.size;
    alignment = Math.max(alignment, field.alignment);
  }
  const flat = concatFlat(fields);
  return { size: alignTo(size, alignment), alignment, flat, offsets, flatOffsets: flat ? flatOffsets(fields) : [] };
}

function concatFlat(fields: readonly Layout[]): readonly CoreType[] | null {
  const flat: CoreType[] = [];
  for (const field of fields) {
    if (field.flat === null || flat.length + field.flat.length > MAX_FLAT_PARAMS) {
      return null;
    }
    flat.push(...field.flat);
  }
  return flat;
}

function flatOffsets(fields: readonly Layout[]): readonly number[] {
  let next = 0;
  return fields.map((field) => {
    const at = next;
    next += field.flat?.length ?? 0;
    return at;
  });
}

export interface VariantLayout extends Layout {
  readonly discriminantSize: 1 | 2 | 4;
  readonly payloadOffset: number;
}

export function variantLayout(cases: readonly (Layout | null)[]): VariantLayout {
  const discriminantSize = discriminantSizeOf(cases.length);
  const payloads = cases.filter((payload) => payload !== null);
  let payloadAlignment = 1;
  let payloadSize = 0;
  for (const payload of payloads) {
    payloadAlignment = Math.max(payloadAlignment, payload.alignment);
    payloadSize = Math.max(payloadSize, payload.size);
  }
  const payloadOffset = alignTo(discriminantSize, payloadAlignment);
  const alignment = Math.max(discriminantSize, payloadAlignment);
  return {
    size: alignTo(payloadOffset + payloadSize, alignment),
    alignment,
    flat: variantFlat(payloads),
    discriminantSize,
    payloadOffset,
  };
}

function discriminantSizeOf(cases: number): 1 | 2 | 4 {
  if (cases <= 2 ** 8) {
    return 1;
  }
  return cases <= 2 ** 16 ? 2 : 4;
}

function variantFlat(payloads: readonly Layout[]): readonly CoreType[] | null {
  const joined: CoreType[] = [];
  for (const { flat } of payloads) {
    if (flat === null) {
      return null;
    }
    for (const [position, type] of flat.entries()) {
      const other = joined[position];
      joined[position] = other === undefined ? type : join(other, type);
    }
  }
  return joined.length < MAX_FLAT_PARAMS ? ['i32', ...joined] : null;
}

/** One bit for each flag; more than 32 take further words, as before the specification limited flags to 32. */
export function flagsLayout(count: number): Layout {
  const words = Math.ceil(count / 32);
  const flat = words <= MAX_FLAT_PARAMS ? Array.from({ length: words }, (): CoreType => 'i32') : null;
  if (count <= 8) {
    return { size: count === 0 ? 0 : 1, alignment: 1, flat };
  }
  return count <= 16 ? { size: 2, alignment: 2, flat } : { size: 4 * words, alignment: 4, flat };
}
