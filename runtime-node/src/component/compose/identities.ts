// When two types are the same: values by their structure, names peeled off, resources by who made them. Numbers stand for
// types, so that comparing costs no more than the size of both, however often they repeat a part.
import { mapParts, peel, type FuncNode, type NamedType, type TypeNode } from './types.ts';

export class Identities {
  readonly #maker: (resource: NamedType) => string;
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<object, number>();

  /** `maker` names where a resource comes from, the same for all that are the same resource. */
  constructor(maker: (resource: NamedType) => string) {
    this.#maker = maker;
  }

  same(one: TypeNode, other: TypeNode): boolean {
    return this.number(one) === this.number(other);
  }

  sameFunc(one: FuncNode, other: FuncNode): boolean {
    return this.#func(one) === this.#func(other);
  }

  /** The same for types that are the same. */
  number(node: TypeNode): number {
    const type = peel(node);
    if (typeof type === 'string') {
      return this.#key(type);
    }
    const known = this.#known.get(type);
    if (known !== undefined) {
      return known;
    }
    const number = this.#key(
      type.kind === 'named'
        ? `resource ${this.#maker(type)}`
        : JSON.stringify(mapParts(type.type, (part) => this.number(part))),
    );
    this.#known.set(type, number);
    return number;
  }

  /** Names of parameters belong to a function's type. */
  #func({ async, params, result }: FuncNode): string {
    return JSON.stringify([
      async,
      params.map(({ name, type }) => [name, this.number(type)]),
      result === null ? null : this.number(result),
    ]);
  }

  #key(key: string): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, number);
    return number;
  }
}
