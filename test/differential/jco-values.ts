// Values between the conventions of our host interfaces and those of jco: the same but for lists of numbers, which jco
// has as typed arrays, and for resources.
import type { ComponentPlan, CompositeType, TypeRef } from '../../runtime-node/src/component/index.ts';

/** What becomes of the resources in a value. */
export interface ResourceConversion {
  toJco(resource: number, value: unknown): unknown;
  fromJco(resource: number, value: unknown): unknown;
}

const TYPED_ARRAYS = {
  s8: Int8Array,
  u8: Uint8Array,
  s16: Int16Array,
  u16: Uint16Array,
  s32: Int32Array,
  u32: Uint32Array,
  s64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

type Direction = 'toJco' | 'fromJco';

const camelCase = (name: string): string => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

export class JcoValues {
  readonly #types: readonly CompositeType[];
  readonly #resources: ResourceConversion;

  constructor(plan: ComponentPlan, resources: ResourceConversion) {
    this.#types = plan.types;
    this.#resources = resources;
  }

  toJco(ref: TypeRef, value: unknown): unknown {
    return this.#convert(ref, value, 'toJco');
  }

  fromJco(ref: TypeRef, value: unknown): unknown {
    return this.#convert(ref, value, 'fromJco');
  }

  /** jco returns the ok of a function's result and throws its error. */
  isResult(ref: TypeRef | null): boolean {
    return typeof ref === 'number' && this.#types[ref]?.kind === 'result';
  }

  #convert(ref: TypeRef, value: unknown, direction: Direction): unknown {
    const type = typeof ref === 'number' ? this.#types[ref] : undefined;
    switch (type?.kind) {
      case undefined:
      case 'enum':
      case 'flags':
        return value;
      case 'record':
        return Object.fromEntries(
          type.fields.map((field) => {
            const key = camelCase(field.name);
            return [key, this.#convert(field.type, (value as Record<string, unknown>)[key], direction)];
          }),
        );
      case 'tuple':
        return type.elements.map((element, i) => this.#convert(element, (value as unknown[])[i], direction));
      case 'list':
        return this.#list(type.element, value, direction);
      case 'variant':
        return this.#tagged(value, direction, (tag) => type.cases.find((one) => one.name === tag)?.type ?? null);
      case 'result':
        return { val: undefined, ...this.#tagged(value, direction, (tag) => (tag === 'ok' ? type.ok : type.err)) };
      case 'option':
        return this.#option(type.some, value, direction);
      case 'own':
      case 'borrow':
        return this.#resources[direction](type.resource, value);
      case 'stream':
      case 'future':
        throw new Error(`a ${type.kind} is not compared with jco`);
    }
  }

  #list(element: TypeRef, value: unknown, direction: Direction): unknown {
    if (typeof element === 'string' && element in TYPED_ARRAYS && element !== 'u8') {
      const typed = TYPED_ARRAYS[element as keyof typeof TYPED_ARRAYS] as unknown as {
        from(list: ArrayLike<unknown>): unknown;
      };
      return direction === 'toJco' ? typed.from(value as unknown[]) : Array.from(value as ArrayLike<unknown>);
    }
    return element === 'u8'
      ? Uint8Array.from(value as Uint8Array)
      : Array.from(value as unknown[], (item) => this.#convert(element, item, direction));
  }

  #tagged(value: unknown, direction: Direction, payloadOf: (tag: string) => TypeRef | null): object {
    const { tag, val } = value as { tag: string; val?: unknown };
    const payload = payloadOf(tag);
    return payload === null ? { tag } : { tag, val: this.#convert(payload, val, direction) };
  }

  #option(some: TypeRef, value: unknown, direction: Direction): unknown {
    if (typeof some === 'number' && this.#types[some]?.kind === 'option') {
      return this.#tagged(value, direction, (tag) => (tag === 'some' ? some : null));
    }
    return value === undefined || value === null ? undefined : this.#convert(some, value, direction);
  }
}
