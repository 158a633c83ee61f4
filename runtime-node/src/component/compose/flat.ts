// The core signature that `canon lift` asks of a function, and what else it needs (CanonicalABI.md "Flattening").
import { MAX_FLAT_RESULTS, type CoreType } from '../abi/core-types.ts';
import {
  flagsLayout,
  HANDLE,
  POINTER_PAIR,
  recordLayout,
  scalarLayout,
  variantLayout,
  type Layout,
} from '../abi/layout.ts';
import type { PrimitiveType } from '../plan.ts';
import { partsOf, peel, type Composite, type FuncNode, type TypeNode } from './types.ts';

export interface LiftedSignature {
  readonly params: readonly CoreType[];
  readonly results: readonly CoreType[];
  readonly memory: boolean;
  readonly realloc: boolean;
}

interface Measure {
  readonly layout: Layout;
  /** Has a string or a list in it. */
  readonly pointers: boolean;
}

const SCALARS: Readonly<Record<PrimitiveType, Layout>> = {
  bool: scalarLayout(1, 'i32'),
  s8: scalarLayout(1, 'i32'),
  u8: scalarLayout(1, 'i32'),
  s16: scalarLayout(2, 'i32'),
  u16: scalarLayout(2, 'i32'),
  s32: scalarLayout(4, 'i32'),
  u32: scalarLayout(4, 'i32'),
  s64: scalarLayout(8, 'i64'),
  u64: scalarLayout(8, 'i64'),
  f32: scalarLayout(4, 'f32'),
  f64: scalarLayout(8, 'f64'),
  char: scalarLayout(4, 'i32'),
  string: POINTER_PAIR,
};

/** One for all functions that are measured together. */
export class Measures {
  readonly #known = new Map<TypeNode, Measure>();

  lifted({ params, result }: FuncNode): LiftedSignature {
    const taken = params.map(({ type }) => this.#measure(type));
    const given = result === null ? [] : [this.#measure(result)];
    // Null when they are more than MAX_FLAT_PARAMS, and lie in memory.
    const flat = recordLayout(taken.map(({ layout }) => layout)).flat;
    const results = recordLayout(given.map(({ layout }) => layout)).flat;
    const returned = results !== null && results.length <= MAX_FLAT_RESULTS ? results : null;
    const needsRealloc = flat === null || taken.some(({ pointers }) => pointers);
    return {
      params: flat ?? ['i32'],
      results: returned ?? ['i32'],
      memory: needsRealloc || returned === null || given.some(({ pointers }) => pointers),
      realloc: needsRealloc,
    };
  }

  #measure(node: TypeNode): Measure {
    const type = peel(node);
    const known = this.#known.get(type);
    if (known !== undefined) {
      return known;
    }
    const measure = this.#fresh(type);
    this.#known.set(type, measure);
    return measure;
  }

  #fresh(type: TypeNode): Measure {
    if (typeof type === 'string') {
      return { layout: SCALARS[type], pointers: type === 'string' };
    }
    if (type.kind === 'named') {
      return { layout: HANDLE, pointers: false };
    }
    const layout = this.#layout(type.type);
    const { kind } = type.type;
    const isChannel = kind === 'stream' || kind === 'future';
    const inside = !isChannel && partsOf(type.type).some((part) => this.#measure(part).pointers);
    return { layout, pointers: kind === 'list' || inside };
  }

  #layout(type: Composite<TypeNode>): Layout {
    const layout = (part: TypeNode): Layout => this.#measure(part).layout;
    const optional = (part: TypeNode | null): Layout | null => (part === null ? null : layout(part));
    switch (type.kind) {
      case 'record':
        return recordLayout(type.fields.map((field) => layout(field.type)));
      case 'tuple':
        return recordLayout(type.elements.map(layout));
      case 'variant':
        return variantLayout(type.cases.map((one) => optional(one.type)));
      case 'enum':
        return variantLayout(type.names.map(() => null));
      case 'option':
        return variantLayout([null, layout(type.some)]);
      case 'result':
        return variantLayout([optional(type.ok), optional(type.err)]);
      case 'flags':
        return flagsLayout(type.names.length);
      case 'list':
        return POINTER_PAIR;
      case 'own':
      case 'borrow':
      case 'stream':
      case 'future':
        return HANDLE;
    }
  }
}
