// The `fields` resource: a multimap of header fields. Names are kept in lower case and values as latin1 strings;
// what came over the wire is only sorted into the map when somebody asks (spin-contract.md §3.10).
import { err, ok, Trap, type Result } from '../../../component/index.ts';
import type { Held } from '../../held-bytes.ts';
import type { HeaderList } from '../exchange.ts';
import { isFieldValue, isForbidden, isToken, normalContentLength } from './header-syntax.ts';

export type HeaderError =
  | { readonly tag: 'invalid-syntax' }
  | { readonly tag: 'forbidden' }
  | { readonly tag: 'immutable' };

type Change = Result<undefined, HeaderError>;

const DONE: Change = ok(undefined);
const INVALID: Change = err({ tag: 'invalid-syntax' });
const FORBIDDEN: Change = err({ tag: 'forbidden' });
const IMMUTABLE: Change = err({ tag: 'immutable' });

/** wasmtime's `field_size_limit` (spec §3.10). */
export const SIZE_LIMIT = 131_072;

/** A trap in 0.2, an error of its own in 0.3. */
export class FieldsTooLarge extends Trap {}

export const sizeExceeded = (): FieldsTooLarge =>
  new FieldsTooLarge(`total size of fields exceeds limit (${SIZE_LIMIT} bytes)`);
/** What a name and a value count beyond their bytes: the size of Rust's HeaderName and HeaderValue (spec §3.10). */
const NAME_COST = 32;
const VALUE_COST = 40;

const CONTENT_LENGTH = 'content-length';

/** Shorter lists are not counted: most are, and a hundred thousand of them are a hundred megabytes. */
const UNCOUNTED = 1024;

export class Fields implements Disposable {
  /** Fields as received, until they are sorted into the map. */
  #received: HeaderList | undefined;
  #values: Map<string, string[]> | undefined;
  #size = 0;
  #mutable: boolean;
  readonly #held: Held | undefined;
  /** What of the size is counted there. */
  #counted = 0;

  /** `held` counts a long list. */
  constructor(held?: Held) {
    this.#mutable = true;
    this.#held = held;
  }

  /** Immutable fields from the wire; forbidden names are left out. */
  static received(list: HeaderList): Fields {
    const fields = new Fields();
    fields.#received = list;
    fields.#mutable = false;
    return fields;
  }

  static fromList(
    entries: readonly (readonly [name: string, value: Uint8Array])[],
    held?: Held,
  ): Result<Fields, HeaderError> {
    const fields = new Fields(held);
    for (const [name, value] of entries) {
      const change = fields.append(name, value);
      if (change.tag === 'err') {
        return change;
      }
    }
    return ok(fields);
  }

  get(name: string): Uint8Array[] {
    return this.texts(name).map(bytesOf);
  }

  /** `get` as latin1 text. */
  texts(name: string): readonly string[] {
    return (isToken(name) ? this.#map().get(name.toLowerCase()) : undefined) ?? [];
  }

  has(name: string): boolean {
    return this.texts(name).length > 0;
  }

  set(name: string, values: readonly Uint8Array[]): Change {
    const refusal = refuseName(name) ?? this.#refuseChange();
    if (refusal !== undefined) {
      return refusal;
    }
    const key = name.toLowerCase();
    const texts: string[] = [];
    for (const value of values) {
      const text = checkedValue(key, textOf(value));
      if (text === undefined) {
        return INVALID;
      }
      texts.push(text);
    }
    if (key === CONTENT_LENGTH && texts.length > 1) {
      return INVALID;
    }
    this.#replace(key, texts);
    return DONE;
  }

  append(name: string, value: Uint8Array): Change {
    return this.appendText(name, textOf(value));
  }

  /** `append` for a value that is latin1 text already. */
  appendText(name: string, value: string): Change {
    const refusal = refuseName(name);
    if (refusal !== undefined) {
      return refusal;
    }
    const key = name.toLowerCase();
    const text = checkedValue(key, value);
    const map = this.#map();
    const present = map.get(key);
    // Two lengths would leave it open where the body ends.
    if (text === undefined || (key === CONTENT_LENGTH && present !== undefined)) {
      return INVALID;
    }
    if (!this.#mutable) {
      return IMMUTABLE;
    }
    this.#resize(this.#size + (present === undefined ? key.length + NAME_COST : 0) + text.length + VALUE_COST);
    if (present === undefined) {
      map.set(key, [text]);
    } else {
      present.push(text);
    }
    return DONE;
  }

  delete(name: string): Change {
    const refusal = refuseName(name) ?? this.#refuseChange();
    if (refusal !== undefined) {
      return refusal;
    }
    this.#replace(name.toLowerCase(), []);
    return DONE;
  }

  /** The values of one name stand together, names in the order in which they first came. */
  entries(): [name: string, value: Uint8Array][] {
    return this.toHeaderList().map(([name, value]) => [name, bytesOf(value)]);
  }

  toHeaderList(): HeaderList {
    const list: [string, string][] = [];
    for (const [name, values] of this.#map()) {
      for (const value of values) {
        list.push([name, value]);
      }
    }
    return list;
  }

  /** A mutable copy. */
  clone(held?: Held): Fields {
    const copy = new Fields(held);
    copy.#values = new Map([...this.#map()].map(([name, values]) => [name, [...values]]));
    copy.#size = this.#size;
    copy.#recount();
    return copy;
  }

  /** From now on it belongs to a message. */
  freeze(): this {
    this.#mutable = false;
    return this;
  }

  #refuseChange(): Change | undefined {
    return this.#mutable ? undefined : IMMUTABLE;
  }

  #replace(key: string, texts: string[]): void {
    const map = this.#map();
    const before = map.get(key);
    const freed = before === undefined ? 0 : sizeOf(key, before);
    if (texts.length === 0) {
      map.delete(key);
      this.#resize(this.#size - freed);
      return;
    }
    this.#resize(this.#size - freed + sizeOf(key, texts));
    map.set(key, texts);
  }

  #resize(size: number): void {
    if (size > SIZE_LIMIT) {
      throw sizeExceeded();
    }
    this.#size = size;
    this.#recount();
  }

  #recount(): void {
    this.#count(this.#size > UNCOUNTED ? this.#size : 0);
  }

  #count(bytes: number): void {
    if (bytes !== this.#counted) {
      this.#held?.().change(bytes - this.#counted);
      this.#counted = bytes;
    }
  }

  /** Those of a message are dropped by handles that the message outlives. */
  [Symbol.dispose](): void {
    if (this.#mutable) {
      this.release();
    }
  }

  /** The message that they belong to is gone. */
  release(): void {
    this.#count(0);
  }

  #map(): Map<string, string[]> {
    if (this.#values === undefined) {
      this.#values = new Map();
      for (const [name, value] of this.#received ?? []) {
        this.#admit(name.toLowerCase(), value);
      }
      this.#received = undefined;
    }
    return this.#values;
  }

  /** Takes a field from the wire, where the size limit does not hold. */
  #admit(key: string, value: string): void {
    if (isForbidden(key)) {
      return;
    }
    const present = this.#values?.get(key);
    if (present === undefined) {
      this.#values?.set(key, [value]);
      this.#size += sizeOf(key, [value]);
    } else {
      present.push(value);
      this.#size += value.length + VALUE_COST;
    }
  }
}

/** Asked before the name is lowered: some letters beyond ASCII have a lower case within it. */
function refuseName(name: string): Change | undefined {
  if (!isToken(name)) {
    return INVALID;
  }
  return isForbidden(name.toLowerCase()) ? FORBIDDEN : undefined;
}

const sizeOf = (key: string, values: readonly string[]): number =>
  values.reduce((size, value) => size + value.length + VALUE_COST, key.length + NAME_COST);

/** undefined: not a value of this field. */
function checkedValue(key: string, value: string): string | undefined {
  if (key === CONTENT_LENGTH) {
    return normalContentLength(value);
  }
  return isFieldValue(value) ? value : undefined;
}

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

const bytesOf = (value: string): Uint8Array => Buffer.from(value, 'latin1');
