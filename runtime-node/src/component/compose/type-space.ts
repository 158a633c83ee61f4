// Writes types into one index space, that of a component or that of an instance type: parts before the whole, each once.
import type { TypeRef } from '../plan.ts';
import { mapParts, type CompositeNode, type FuncNode, type NamedType, type TypeNode } from './types.ts';
import { compositeType, funcType, primitiveType, type Desc } from './write-component.ts';

export interface TypeTarget {
  /** Adds a definition; gives its index. */
  define(type: Uint8Array): number;
  /** Brings in a named type that this space has not named itself; gives its index. */
  foreign(named: NamedType): number;
}

const keyOf = ({ home, name }: NamedType): string => JSON.stringify([home, name]);

export class TypeSpace {
  readonly #target: TypeTarget;
  readonly #named = new Map<string, number>();
  /** By their bytes. */
  readonly #written = new Map<string, number>();

  constructor(target: TypeTarget) {
    this.#target = target;
  }

  /** From here on the type goes by this index. */
  name(named: NamedType, index: number): void {
    this.#named.set(keyOf(named), index);
  }

  ref(node: TypeNode): TypeRef {
    if (typeof node === 'string') {
      return node;
    }
    if (node.kind === 'composite') {
      return this.#once(this.#composite(node));
    }
    const known = this.#named.get(keyOf(node));
    const index = known ?? this.#target.foreign(node);
    this.name(node, index);
    return index;
  }

  func({ async, params, result }: FuncNode): number {
    const refs = params.map(({ name, type }) => ({ name, type: this.ref(type) }));
    const answer = result === null ? null : this.ref(result);
    return this.#once(funcType(refs, answer, async));
  }

  /** How a named type is declared: as a resource of its own, or as what it stands for. */
  desc({ bound }: NamedType): Desc {
    if (bound === null) {
      return 'resource';
    }
    return { sort: 'type', type: this.#definition(bound) };
  }

  /**
   * Not shared with types that are the same and have no name, or another: readers of WIT take a second export of one
   * definition for an alias of the first.
   */
  #definition(bound: TypeNode): number {
    if (typeof bound === 'string') {
      return this.#target.define(primitiveType(bound));
    }
    return bound.kind === 'named' ? (this.ref(bound) as number) : this.#target.define(this.#composite(bound));
  }

  #composite({ type }: CompositeNode): Uint8Array {
    return compositeType(mapParts(type, (part) => this.ref(part)));
  }

  #once(type: Uint8Array): number {
    const key = type.join();
    const index = this.#written.get(key) ?? this.#target.define(type);
    this.#written.set(key, index);
    return index;
  }
}
