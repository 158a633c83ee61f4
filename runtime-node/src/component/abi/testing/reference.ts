// The canonical ABI written down as CanonicalABI.md has it, interpreting types at each step: slow, and independent of
// the compiled codecs that it is compared with. Values are as host-interface.ts has them.
import type { CanonicalOptions } from '../../plan.ts';
import { camelCase } from '../names.ts';
import type { Allocator } from './guest-side.ts';
import type { TypeTree } from './type-tree.ts';

type Core = 'i32' | 'i64' | 'f32' | 'f64';
type Case = TypeTree | null;

/** option, result, enum and variant as one. */
function casesOf(type: TypeTree): readonly Case[] | undefined {
  if (typeof type === 'string') {
    return undefined;
  }
  switch (type.kind) {
    case 'variant':
      return type.cases.map((one) => one.type);
    case 'enum':
      return type.names.map(() => null);
    case 'option':
      return [null, type.some];
    case 'result':
      return [type.ok, type.err];
    default:
      return undefined;
  }
}

/** record and tuple as one. */
function fieldsOf(type: TypeTree): readonly TypeTree[] | undefined {
  if (typeof type === 'string') {
    return undefined;
  }
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => field.type);
    case 'tuple':
      return type.elements;
    default:
      return undefined;
  }
}

const PRIMITIVE_SIZE = {
  bool: 1,
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  s64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
  char: 4,
  string: 8,
} as const;

const discriminantSize = (cases: readonly Case[]): number => [1, 1, 2, 4][Math.ceil(Math.log2(cases.length) / 8)] ?? 4;

const flagsOf = (type: TypeTree): readonly string[] =>
  typeof type === 'object' && type.kind === 'flags' ? type.names : [];

export function alignment(type: TypeTree): number {
  if (typeof type === 'string') {
    return type === 'string' ? 4 : PRIMITIVE_SIZE[type];
  }
  const fields = fieldsOf(type);
  if (fields !== undefined) {
    return Math.max(...fields.map(alignment));
  }
  const cases = casesOf(type);
  if (cases !== undefined) {
    return Math.max(discriminantSize(cases), maxCaseAlignment(cases));
  }
  const flags = flagsOf(type).length;
  return type.kind === 'list' || flags > 16 ? 4 : flags > 8 ? 2 : 1;
}

const maxCaseAlignment = (cases: readonly Case[]): number =>
  Math.max(1, ...cases.map((one) => (one === null ? 1 : alignment(one))));

const alignTo = (pointer: number, to: number): number => Math.ceil(pointer / to) * to;

export function size(type: TypeTree): number {
  if (typeof type === 'string') {
    return PRIMITIVE_SIZE[type];
  }
  const fields = fieldsOf(type);
  if (fields !== undefined) {
    let at = 0;
    for (const field of fields) {
      at = alignTo(at, alignment(field)) + size(field);
    }
    return alignTo(at, alignment(type));
  }
  const cases = casesOf(type);
  if (cases !== undefined) {
    const payload = Math.max(0, ...cases.map((one) => (one === null ? 0 : size(one))));
    return alignTo(alignTo(discriminantSize(cases), maxCaseAlignment(cases)) + payload, alignment(type));
  }
  const flags = flagsOf(type).length;
  if (type.kind === 'list') {
    return 8;
  }
  return flags <= 8 ? 1 : flags <= 16 ? 2 : 4 * Math.ceil(flags / 32);
}

export function flatten(type: TypeTree): Core[] {
  if (typeof type === 'string') {
    switch (type) {
      case 'string':
        return ['i32', 'i32'];
      case 's64':
      case 'u64':
        return ['i64'];
      case 'f32':
      case 'f64':
        return [type];
      default:
        return ['i32'];
    }
  }
  const fields = fieldsOf(type);
  if (fields !== undefined) {
    return fields.flatMap(flatten);
  }
  const cases = casesOf(type);
  if (cases !== undefined) {
    const flat: Core[] = [];
    for (const one of cases) {
      for (const [i, core] of (one === null ? [] : flatten(one)).entries()) {
        const other = flat[i];
        flat[i] = other === undefined ? core : join(other, core);
      }
    }
    return ['i32', ...flat];
  }
  return type.kind === 'list' ? ['i32', 'i32'] : flagWords(type).map(() => 'i32');
}

function join(a: Core, b: Core): Core {
  if (a === b) {
    return a;
  }
  return [a, b].every((core) => core === 'i32' || core === 'f32') ? 'i32' : 'i64';
}

/** Which case a value is of, and its payload. */
function matchCase(type: TypeTree, value: unknown): { readonly index: number; readonly payload: unknown } {
  if (typeof type === 'string') {
    throw new Error('not a variant');
  }
  const tagged = value as { tag: string; val?: unknown };
  switch (type.kind) {
    case 'enum':
      return { index: type.names.indexOf(value as string), payload: undefined };
    case 'variant':
      return { index: type.cases.findIndex((one) => one.name === tagged.tag), payload: tagged.val };
    case 'result':
      return { index: tagged.tag === 'ok' ? 0 : 1, payload: tagged.val };
    case 'option':
      return typeof type.some === 'object' && type.some.kind === 'option'
        ? { index: tagged.tag === 'none' ? 0 : 1, payload: tagged.val }
        : { index: value === undefined ? 0 : 1, payload: value };
    default:
      throw new Error('not a variant');
  }
}

const fieldValues = (type: TypeTree, value: unknown): readonly unknown[] =>
  typeof type === 'object' && type.kind === 'record'
    ? type.fields.map(({ name }) => (value as Record<string, unknown>)[camelCase(name)])
    : (value as readonly unknown[]);

const flagWords = (type: TypeTree): string[][] =>
  Array.from({ length: Math.ceil(flagsOf(type).length / 32) }, (_, word) =>
    flagsOf(type).slice(32 * word, 32 * word + 32),
  );

const packFlags = (type: TypeTree, value: unknown): number[] =>
  flagWords(type).map((labels) =>
    labels.reduce((bits, label, i) => bits + ((value as Record<string, boolean>)[camelCase(label)] ? 2 ** i : 0), 0),
  );

/** A guest's memory that the reference writes to. */
export class ReferenceGuest {
  readonly #memory: WebAssembly.Memory;
  readonly #allocator: Allocator;
  readonly #encoding: CanonicalOptions['encoding'];

  constructor(memory: WebAssembly.Memory, allocator: Allocator, encoding: CanonicalOptions['encoding']) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#encoding = encoding;
  }

  get #view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  store(type: TypeTree, value: unknown, pointer: number): void {
    if (typeof type === 'string') {
      this.#storePrimitive(type, value, pointer);
      return;
    }
    const fields = fieldsOf(type);
    const cases = casesOf(type);
    if (fields !== undefined) {
      let at = pointer;
      const values = fieldValues(type, value);
      for (const [i, field] of fields.entries()) {
        at = alignTo(at, alignment(field));
        this.store(field, values[i], at);
        at += size(field);
      }
    } else if (cases !== undefined) {
      const { index, payload } = matchCase(type, value);
      this.#storeInt(index, pointer, discriminantSize(cases));
      const one = cases[index];
      if (one !== null && one !== undefined) {
        this.store(one, payload, alignTo(pointer + discriminantSize(cases), maxCaseAlignment(cases)));
      }
    } else if (type.kind === 'flags') {
      const bytes = Math.min(size(type), 4);
      for (const [word, bits] of packFlags(type, value).entries()) {
        this.#storeInt(bits, pointer + 4 * word, bytes);
      }
    } else if (type.kind === 'list') {
      const [begin, length] = this.#storeList(type.element, value as ArrayLike<unknown>);
      this.#storeInt(begin, pointer, 4);
      this.#storeInt(length, pointer + 4, 4);
    }
  }

  lowerFlat(type: TypeTree, value: unknown): (number | bigint)[] {
    if (typeof type === 'string') {
      return type === 'string' ? this.#storeString(String(value)) : [lowerScalar(type, value)];
    }
    const fields = fieldsOf(type);
    if (fields !== undefined) {
      const values = fieldValues(type, value);
      return fields.flatMap((field, i) => this.lowerFlat(field, values[i]));
    }
    const cases = casesOf(type);
    if (cases !== undefined) {
      const { index, payload } = matchCase(type, value);
      const one = cases[index] ?? null;
      const own = one === null ? [] : flatten(one);
      const values = one === null ? [] : this.lowerFlat(one, payload);
      const joined = flatten(type).slice(1);
      return [index, ...joined.map((core, i) => coerce(values[i] ?? 0, own[i], core))];
    }
    if (type.kind === 'flags') {
      return packFlags(type, value);
    }
    return type.kind === 'list' ? this.#storeList(type.element, value as ArrayLike<unknown>) : [];
  }

  #storeInt(value: number | bigint, pointer: number, bytes: number): void {
    for (let i = 0; i < bytes; i++) {
      this.#view.setUint8(pointer + i, Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
    }
  }

  #storePrimitive(type: Exclude<TypeTree, object>, value: unknown, pointer: number): void {
    switch (type) {
      case 'string': {
        const [begin, length] = this.#storeString(String(value));
        this.#storeInt(begin, pointer, 4);
        this.#storeInt(length, pointer + 4, 4);
        return;
      }
      case 'f32':
        this.#storeInt(f32Bits(Number(value)), pointer, 4);
        return;
      case 'f64':
        this.#storeInt(f64Bits(Number(value)), pointer, 8);
        return;
      default:
        this.#storeInt(lowerScalar(type, value), pointer, PRIMITIVE_SIZE[type]);
    }
  }

  #storeList(element: TypeTree, list: ArrayLike<unknown>): [number, number] {
    const begin = this.#allocator.allocate(list.length * size(element), alignment(element));
    for (const [i, value] of Array.from(list).entries()) {
      this.store(element, value, begin + i * size(element));
    }
    return [begin, list.length];
  }

  #storeString(value: string): [number, number] {
    const latin1 = [...value].every((char) => char.length === 1 && char.charCodeAt(0) < 256);
    switch (this.#encoding) {
      case 'utf8': {
        const bytes = new TextEncoder().encode(value);
        return [this.#storeBytes(bytes, 1), bytes.length];
      }
      case 'latin1+utf16':
        return latin1
          ? [
              this.#storeBytes(
                Array.from(value, (char) => char.charCodeAt(0)),
                2,
              ),
              value.length,
            ]
          : [this.#storeBytes(utf16(value), 2), value.length + 2 ** 31];
      case 'utf16':
        return [this.#storeBytes(utf16(value), 2), value.length];
    }
  }

  #storeBytes(bytes: ArrayLike<number>, align: number): number {
    const begin = this.#allocator.allocate(bytes.length, align);
    new Uint8Array(this.#memory.buffer).set(bytes, begin);
    return begin;
  }
}

const utf16 = (value: string): number[] =>
  Array.from({ length: value.length }, (_, i) => value.charCodeAt(i)).flatMap((unit) => [unit & 0xff, unit >> 8]);

function lowerScalar(type: Exclude<TypeTree, object>, value: unknown): number | bigint {
  switch (type) {
    case 'bool':
      return value === true ? 1 : 0;
    case 'char':
      return String(value).codePointAt(0) ?? 0;
    default:
      return value as number | bigint;
  }
}

function f32Bits(value: number): number {
  return Number.isNaN(value) ? 0x7fc00000 : (new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0);
}

function f64Bits(value: number): bigint {
  return Number.isNaN(value) ? 0x7ff8000000000000n : (new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n);
}

function coerce(value: number | bigint, own: Core | undefined, joined: Core): number | bigint {
  if (own === undefined) {
    return joined === 'i64' ? 0n : 0;
  }
  if (own === joined) {
    return value;
  }
  switch (own) {
    case 'f32':
      return joined === 'i32' ? f32Bits(Number(value)) : BigInt(f32Bits(Number(value)));
    case 'f64':
      return f64Bits(Number(value));
    default:
      return BigInt.asUintN(32, BigInt(value));
  }
}
