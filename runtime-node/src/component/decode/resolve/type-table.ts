// Value and function types of a plan, each listed once however often a binary repeats it. Measures each type as it
// comes in, so that none is deeper or larger than those who lift and lower it can walk.
import type { CompositeType, FuncType, TypeRef } from '../../plan.ts';
import type { Budget } from '../binary/budget.ts';
import { malformed, tooLarge } from '../binary/error.ts';
import { MAX_DEPTH, MAX_TYPES, MAX_TYPE_SIZE } from '../binary/limits.ts';

/** What the canonical ABI wants to know of a type (CanonicalABI.md "flattening", "needs memory"). */
export interface TypeMeasure {
  readonly depth: number;
  readonly size: number;
  /** Core values it flattens to. */
  readonly flat: number;
  /** Holds a string or a list, whose contents lie in linear memory. */
  readonly pointers: boolean;
  readonly borrows: boolean;
}

const SCALAR: TypeMeasure = { depth: 1, size: 1, flat: 1, pointers: false, borrows: false };
const STRING: TypeMeasure = { ...SCALAR, flat: 2, pointers: true };

export class TypeTable {
  readonly types: CompositeType[] = [];
  readonly funcTypes: FuncType[] = [];
  readonly #measures: TypeMeasure[] = [];
  readonly #indices = new Map<string, number>();
  readonly #budget: Budget;

  /** `budget` pays for types by the length of their text, each time that one is looked up. */
  constructor(budget: Budget) {
    this.#budget = budget;
  }

  intern(type: CompositeType, offset: number): number {
    return this.#intern(`v${JSON.stringify(type)}`, offset, () => {
      this.#measures.push(this.#measureComposite(type, offset));
      return this.types.push(type) - 1;
    });
  }

  internFunc(type: FuncType, offset: number): number {
    return this.#intern(`f${JSON.stringify(type)}`, offset, () => {
      if (type.result !== null && this.measure(type.result).borrows) {
        throw malformed('a function returns a borrowed handle', offset);
      }
      return this.funcTypes.push(type) - 1;
    });
  }

  func(index: number): FuncType {
    const type = this.funcTypes[index];
    if (type === undefined) {
      throw new RangeError(`no function type ${index} in the table`);
    }
    return type;
  }

  measure(type: TypeRef): TypeMeasure {
    if (typeof type === 'number') {
      return this.#measures[type] ?? SCALAR;
    }
    return type === 'string' ? STRING : SCALAR;
  }

  /** The measures of several types that stand side by side, as those of parameters do. */
  measureAll(types: readonly TypeRef[]): TypeMeasure {
    let depth = 0;
    let size = 0;
    let flat = 0;
    let pointers = false;
    let borrows = false;
    for (const type of types) {
      const measure = this.measure(type);
      depth = Math.max(depth, measure.depth);
      size += measure.size;
      flat += measure.flat;
      pointers ||= measure.pointers;
      borrows ||= measure.borrows;
    }
    return { depth, size, flat, pointers, borrows };
  }

  #intern(key: string, offset: number, add: () => number): number {
    this.#budget.spend(stepsOf(key), offset);
    const known = this.#indices.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#indices.size === MAX_TYPES) {
      throw tooLarge('different types', MAX_TYPES, offset);
    }
    const index = add();
    this.#indices.set(key, index);
    return index;
  }

  #measureComposite(type: CompositeType, offset: number): TypeMeasure {
    const parts = this.measureAll(partsOf(type));
    const measure = { ...parts, depth: parts.depth + 1, size: parts.size + 1, ...this.#shapeOf(type, parts, offset) };
    if (measure.depth > MAX_DEPTH) {
      throw tooLarge('levels in one type', MAX_DEPTH, offset);
    }
    if (measure.size > MAX_TYPE_SIZE) {
      throw tooLarge('nodes in one type', MAX_TYPE_SIZE, offset);
    }
    return measure;
  }

  #shapeOf(type: CompositeType, parts: TypeMeasure, offset: number): Partial<TypeMeasure> {
    switch (type.kind) {
      case 'list':
        return { flat: 2, pointers: true };
      case 'variant':
      case 'option':
      case 'result':
        // The discriminant, and room for whichever case is the widest.
        return { flat: 1 + Math.max(0, ...partsOf(type).map((part) => this.measure(part).flat)) };
      case 'own':
      case 'flags':
      case 'enum':
        return { flat: 1 };
      case 'stream':
      case 'future':
        if (parts.borrows) {
          throw malformed(`a ${type.kind} of borrowed handles`, offset);
        }
        // A handle: what comes through it lies in memory only later.
        return { flat: 1, pointers: false };
      case 'borrow':
        return { flat: 1, borrows: true };
      case 'record':
      case 'tuple':
        return { flat: parts.flat };
    }
  }
}

/** What a text costs that is handled as a whole: one step for so many characters. */
const CHARACTERS_PER_STEP = 64;
export const stepsOf = (text: string): number => 1 + Math.floor(text.length / CHARACTERS_PER_STEP);

function partsOf(type: CompositeType): TypeRef[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => field.type);
    case 'variant':
      return type.cases.flatMap((entry) => entry.type ?? []);
    case 'list':
      return [type.element];
    case 'stream':
    case 'future':
      return type.element === null ? [] : [type.element];
    case 'tuple':
      return [...type.elements];
    case 'option':
      return [type.some];
    case 'result':
      return [type.ok, type.err].flatMap((part) => part ?? []);
    case 'flags':
    case 'enum':
    case 'own':
    case 'borrow':
      return [];
  }
}
