// Compiles each component type of a plan once into its codec; composite types are closures over those of their parts.
import { channelCodec } from '../async/codecs.ts';
import type { ChannelType } from '../async/guest-ends.ts';
import type { CompositeType, TypeRef } from '../plan.ts';
import type { Codec } from './codec.ts';
import { InvalidComponent } from './invalid-component.ts';
import { byteListCodec, listOf } from './lists.ts';
import { isNumberType, numberListOf } from './number-lists.ts';
import { flagsOf, recordOf, tupleOf } from './records.ts';
import type { ResourceIdentity } from './resource-identity.ts';
import { borrowOf, ownOf } from './resources.ts';
import { scalars } from './scalars.ts';
import { TypeKeys } from './type-keys.ts';
import { enumOf, optionOf, resultOf, variantOf } from './variants.ts';

/** Types nest less deeply than this in wasmparser's validation; a deeper one could exhaust the stack at each call. */
const MAX_TYPE_DEPTH = 100;

export class TypeCompiler {
  readonly #types: readonly CompositeType[];
  readonly #resources: readonly ResourceIdentity[];
  readonly #codecs = new Map<number, Codec>();
  readonly #channels = new Map<number, ChannelType>();
  readonly #keys: TypeKeys;
  #depth = 0;

  constructor(types: readonly CompositeType[], resources: readonly ResourceIdentity[]) {
    this.#types = types;
    this.#resources = resources;
    this.#keys = new TypeKeys(types, resources);
  }

  /** The same for types that are the same. */
  key(ref: TypeRef | null): string {
    return this.#keys.of(ref);
  }

  /** The stream or future type `ref`. */
  channel(ref: number): ChannelType {
    const known = this.#channels.get(ref);
    if (known !== undefined) {
      return known;
    }
    const type = this.#typeAt(ref);
    if (type.kind !== 'stream' && type.kind !== 'future') {
      throw new InvalidComponent(`type ${ref} is neither stream nor future`);
    }
    const { kind, element } = type;
    const bytes = kind === 'stream' && element === 'u8';
    const channel = { kind, element: { codec: this.#optional(element), bytes, key: this.key(element) } };
    this.#channels.set(ref, channel);
    return channel;
  }

  codec(ref: TypeRef): Codec {
    if (typeof ref === 'string') {
      return scalars[ref];
    }
    const known = this.#codecs.get(ref);
    if (known !== undefined) {
      return known;
    }
    if (++this.#depth > MAX_TYPE_DEPTH) {
      throw new InvalidComponent(`type ${ref} nests deeper than ${MAX_TYPE_DEPTH} levels`);
    }
    const codec = this.#compile(this.#typeAt(ref), ref);
    this.#depth--;
    this.#codecs.set(ref, codec);
    return codec;
  }

  #typeAt(index: number): CompositeType {
    const type = this.#types[index];
    if (type === undefined) {
      throw new InvalidComponent(`there is no type ${index}`);
    }
    return type;
  }

  #compile(type: CompositeType, ref: number): Codec {
    switch (type.kind) {
      case 'record':
        return recordOf(type.fields.map((field) => ({ name: field.name, codec: this.codec(field.type) })));
      case 'variant':
        return variantOf(type.cases.map(({ name, type: payload }) => ({ name, codec: this.#optional(payload) })));
      case 'list':
        return this.#list(type.element);
      case 'tuple':
        return tupleOf(type.elements.map((element) => this.codec(element)));
      case 'flags':
        return flagsOf(type.names);
      case 'enum':
        return enumOf(type.names);
      case 'option':
        return optionOf(this.codec(type.some), this.#isOption(type.some));
      case 'result':
        return resultOf(this.#optional(type.ok), this.#optional(type.err));
      case 'own':
        return ownOf(this.#resource(type.resource));
      case 'borrow':
        return borrowOf(this.#resource(type.resource));
      case 'stream':
      case 'future':
        return channelCodec(this.channel(ref));
    }
  }

  #optional(ref: TypeRef | null): Codec | null {
    return ref === null ? null : this.codec(ref);
  }

  #list(element: TypeRef): Codec {
    if (element === 'u8') {
      return byteListCodec;
    }
    return isNumberType(element) ? numberListOf(element) : listOf(this.#sized(element));
  }

  /** A list of elements without size could have four thousand million of them in no memory at all. */
  #sized(ref: TypeRef): Codec {
    const codec = this.codec(ref);
    if (codec.size === 0) {
      throw new InvalidComponent('a list has elements of size 0');
    }
    return codec;
  }

  #isOption(ref: TypeRef): boolean {
    return typeof ref === 'number' && this.#typeAt(ref).kind === 'option';
  }

  #resource(index: number): ResourceIdentity {
    const resource = this.#resources[index];
    if (resource === undefined) {
      throw new InvalidComponent(`there is no resource type ${index}`);
    }
    return resource;
  }
}
