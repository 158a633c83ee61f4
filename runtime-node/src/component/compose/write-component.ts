// Writes a component binary definition by definition and counts its index spaces. Consecutive definitions of one section
// share it. Never looks at what it writes (Binary.md).
import { sectionOf, text, u32, vectorOf } from '../adapt/write.ts';
import type { CoreType } from '../abi/core-types.ts';
import type { PrimitiveType, TypeRef } from '../plan.ts';
import type { Composite } from './types.ts';

export type Bytes = readonly Uint8Array[];

const PREAMBLE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);

/** Sorts of what crosses a component's boundary, with their code. */
const SORTS = { func: [0x01], type: [0x03], component: [0x04], instance: [0x05], module: [0x00, 0x11] } as const;
export type ExternSort = keyof typeof SORTS;

export interface Argument {
  readonly name: string;
  readonly sort: ExternSort;
  readonly index: number;
}

const byte = (...values: number[]): Uint8Array => Uint8Array.from(values);
const flat = (...parts: (Uint8Array | Bytes)[]): Uint8Array => Buffer.concat(parts.flat());

const PRIMITIVES: Readonly<Record<PrimitiveType, number>> = {
  bool: 0x7f,
  s8: 0x7e,
  u8: 0x7d,
  s16: 0x7c,
  u16: 0x7b,
  s32: 0x7a,
  u32: 0x79,
  s64: 0x78,
  u64: 0x77,
  f32: 0x76,
  f64: 0x75,
  char: 0x74,
  string: 0x73,
};

/** Signed LEB128 of a number that is not negative. */
function s33(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x40) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

const valueType = (ref: TypeRef): Uint8Array => (typeof ref === 'number' ? s33(ref) : byte(PRIMITIVES[ref]));
const optionalType = (ref: TypeRef | null): Bytes => (ref === null ? [byte(0x00)] : [byte(0x01), valueType(ref)]);

export const primitiveType = (type: PrimitiveType): Uint8Array => byte(PRIMITIVES[type]);

export function compositeType(type: Composite<TypeRef>): Uint8Array {
  switch (type.kind) {
    case 'record':
      return flat(byte(0x72), vectorOf(type.fields.map((one) => flat(text(one.name), valueType(one.type)))));
    case 'variant': {
      const cases = type.cases.map((one) => flat(text(one.name), optionalType(one.type), byte(0x00)));
      return flat(byte(0x71), vectorOf(cases));
    }
    case 'list':
      return flat(byte(0x70), valueType(type.element));
    case 'tuple':
      return flat(byte(0x6f), vectorOf(type.elements.map(valueType)));
    case 'flags':
      return flat(byte(0x6e), vectorOf(type.names.map((name) => flat(text(name)))));
    case 'enum':
      return flat(byte(0x6d), vectorOf(type.names.map((name) => flat(text(name)))));
    case 'option':
      return flat(byte(0x6b), valueType(type.some));
    case 'result':
      return flat(byte(0x6a), optionalType(type.ok), optionalType(type.err));
    case 'stream':
      return flat(byte(0x66), optionalType(type.element));
    case 'future':
      return flat(byte(0x65), optionalType(type.element));
    case 'own':
      return flat(byte(0x69), valueType(type.resource));
    case 'borrow':
      return flat(byte(0x68), valueType(type.resource));
  }
}

export function funcType(
  params: readonly { readonly name: string; readonly type: TypeRef }[],
  result: TypeRef | null,
  async = false,
): Uint8Array {
  return flat(
    byte(async ? 0x43 : 0x40),
    vectorOf(params.map(({ name, type }) => flat(text(name), valueType(type)))),
    result === null ? byte(0x01, 0x00) : flat(byte(0x00), valueType(result)),
  );
}

export const instanceType = (declarations: Bytes): Uint8Array => flat(byte(0x42), vectorOf(declarations));
/** Represented by i32, without destructor. */
export const RESOURCE = byte(0x3f, 0x7f, 0x00);

/** What an import or an exported member is: of the type with this index, or a resource of its own. */
export type Desc = { readonly sort: 'func' | 'instance' | 'type'; readonly type: number } | 'resource';

const desc = (one: Desc): Bytes => {
  if (one === 'resource') {
    return [byte(0x03, 0x01)];
  }
  return one.sort === 'type' ? [byte(0x03, 0x00), u32(one.type)] : [byte(...SORTS[one.sort]), u32(one.type)];
};

export const declareType = (type: Uint8Array): Uint8Array => flat(byte(0x01), type);
export const declareOuterType = (index: number): Uint8Array => flat(byte(0x02, 0x03, 0x02, 0x01), u32(index));
export const declareExport = (name: string, of: Desc): Uint8Array => flat(byte(0x04, 0x00), text(name), desc(of));

/** Canonical options by the index of what they name. */
export interface LiftOptions {
  readonly memory?: number;
  readonly realloc?: number;
}

export class ComponentWriter {
  readonly #done: Uint8Array[] = [PREAMBLE];
  #section = -1;
  #entries: Uint8Array[] = [];
  readonly #counts = { func: 0, type: 0, component: 0, instance: 0, module: 0 };
  readonly #core = { func: 0, memory: 0, instance: 0 };

  finish(): Uint8Array {
    this.#flush();
    return Buffer.concat(this.#done);
  }

  component(bytes: Uint8Array): number {
    this.#whole(4, bytes);
    return this.#counts.component++;
  }

  module(bytes: Uint8Array): number {
    this.#whole(1, bytes);
    return this.#counts.module++;
  }

  type(definition: Uint8Array): number {
    this.#add(7, definition);
    return this.#counts.type++;
  }

  import(name: string, standsFor: string | null, of: Desc): number {
    const options = standsFor === null ? [] : [byte(0x01, 0x00), ...text(standsFor)];
    this.#add(10, flat(byte(standsFor === null ? 0x00 : 0x02), text(name), options, desc(of)));
    return this.#counts[of === 'resource' ? 'type' : of.sort]++;
  }

  /** An export is a definition too, with an index of its own. */
  export(name: string, sort: ExternSort, index: number): number {
    this.#add(11, flat(byte(0x00), text(name), byte(...SORTS[sort]), u32(index), byte(0x00)));
    return this.#counts[sort]++;
  }

  instantiate(component: number, args: readonly Argument[]): number {
    const written = args.map(({ name, sort, index }) => flat(text(name), byte(...SORTS[sort]), u32(index)));
    this.#add(5, flat(byte(0x00), u32(component), vectorOf(written)));
    return this.#counts.instance++;
  }

  aliasExport(instance: number, name: string, sort: ExternSort): number {
    this.#add(6, flat(byte(...SORTS[sort], 0x00), u32(instance), text(name)));
    return this.#counts[sort]++;
  }

  instantiateCore(module: number): number {
    this.#add(2, flat(byte(0x00), u32(module), byte(0x00)));
    return this.#core.instance++;
  }

  aliasCoreExport(instance: number, name: string, sort: 'func' | 'memory'): number {
    this.#add(6, flat(byte(0x00, sort === 'func' ? 0x00 : 0x02, 0x01), u32(instance), text(name)));
    return this.#core[sort]++;
  }

  lift(func: number, type: number, { memory, realloc }: LiftOptions): number {
    const options = [
      ...(memory === undefined ? [] : [flat(byte(0x03), u32(memory))]),
      ...(realloc === undefined ? [] : [flat(byte(0x04), u32(realloc))]),
    ];
    this.#add(8, flat(byte(0x00, 0x00), u32(func), vectorOf(options), u32(type)));
    return this.#counts.func++;
  }

  #add(section: number, entry: Uint8Array): void {
    if (section !== this.#section) {
      this.#flush();
      this.#section = section;
    }
    this.#entries.push(entry);
  }

  #whole(section: number, content: Uint8Array): void {
    this.#flush();
    this.#done.push(...sectionOf(section, [content]));
  }

  #flush(): void {
    if (this.#entries.length > 0) {
      this.#done.push(...sectionOf(this.#section, vectorOf(this.#entries)));
    }
    this.#section = -1;
    this.#entries = [];
  }
}

const CORE_TYPES: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
export const coreTypes = (types: readonly CoreType[]): Uint8Array =>
  flat(vectorOf(types.map((one) => byte(CORE_TYPES[one]))));
