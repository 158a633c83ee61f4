// Imports that name types of an interface which is not imported any more, since another component provides it: values are
// spelled out again where they are needed, which makes the same type; a resource cannot be, for the host does not know it.
import {
  mapFunc,
  mapParts,
  needsName,
  partsOf,
  typesOf,
  type FuncNode,
  type Import,
  type NamedType,
  type TypeNode,
} from './types.ts';

/** Interfaces whose types remain to be named. */
export type IsHere = (home: string) => boolean;

/** The first resource of an interface that is not here. */
export function strangerIn({ name, type }: Import, isHere: IsHere): NamedType | undefined {
  const seen = new Set<TypeNode>();
  const search = (node: TypeNode): NamedType | undefined => {
    if (typeof node === 'string' || seen.has(node)) {
      return undefined;
    }
    seen.add(node);
    if (node.kind === 'composite') {
      return first(partsOf(node.type), search);
    }
    if (node.home !== name && isHere(node.home)) {
      return undefined; // judged where it stands
    }
    if (node.bound !== null) {
      return search(node.bound);
    }
    return node.home === name ? undefined : node;
  };
  const members = type.kind === 'instance' ? [...type.members.values()] : [type];
  return first(
    members.flatMap((member) => (member.kind === 'func' ? typesOf(member) : [member])),
    search,
  );
}

/**
 * `one`, which has no stranger in it, and before it the types that it needs at the root. `isTaken` tells the names of
 * imports that there are.
 */
export function localise(one: Import, isHere: IsHere, isTaken: (name: string) => boolean): readonly Import[] {
  if (one.type.kind === 'instance') {
    const { members } = one.type;
    const speller = new Speller(one.name, isHere, (name) => members.has(name));
    for (const [name, member] of members) {
      speller.add(name, member);
    }
    return [{ ...one, type: { kind: 'instance', members: speller.members } }];
  }
  const speller = new Speller('', isHere, isTaken);
  speller.add(one.name, one.type);
  return [...speller.members].map(([name, type]) =>
    name === one.name ? { ...one, type } : { name, implements: null, type },
  );
}

class Speller {
  readonly members = new Map<string, FuncNode | NamedType>();
  readonly #home: string;
  readonly #isHere: IsHere;
  readonly #isTaken: (name: string) => boolean;
  readonly #known = new Map<TypeNode, TypeNode>();

  constructor(home: string, isHere: IsHere, isTaken: (name: string) => boolean) {
    this.#home = home;
    this.#isHere = isHere;
    this.#isTaken = isTaken;
  }

  add(name: string, member: FuncNode | NamedType): void {
    this.members.set(name, member.kind === 'func' ? mapFunc(member, this.#spell) : this.#own(member));
  }

  /** A type that stands here already: what it stands for goes by this name from now on. */
  #own(named: NamedType): NamedType {
    const { bound } = named;
    if (bound === null) {
      return named;
    }
    const from = typeof bound !== 'string' && bound.kind === 'named' && bound.home !== this.#home ? bound : undefined;
    const own = { ...named, bound: from === undefined ? this.#spell(bound) : this.#boundOf(from) };
    this.#known.set(named, own);
    if (from !== undefined) {
      this.#known.set(from, own);
    }
    return own;
  }

  /** What a name of this interface for a type of another is bound to. */
  #boundOf(from: NamedType): TypeNode {
    return from.bound === null || this.#isHere(from.home) ? from : this.#spell(from.bound);
  }

  readonly #spell = (node: TypeNode): TypeNode => {
    const known = this.#known.get(node);
    if (known !== undefined || typeof node === 'string') {
      return known ?? node;
    }
    const spelled =
      node.kind === 'composite' ? { kind: node.kind, type: mapParts(node.type, this.#spell) } : this.#named(node);
    this.#known.set(node, spelled);
    return spelled;
  };

  #named(node: NamedType): TypeNode {
    if (node.home === this.#home) {
      return node;
    }
    const bound = this.#boundOf(node);
    // WIT has no way to speak of another interface's type but by a name of one's own (`use`).
    if (bound !== node && !needsName(bound)) {
      return bound;
    }
    const named: NamedType = { kind: 'named', home: this.#home, name: this.#free(node.name), bound };
    this.members.set(named.name, named);
    return named;
  }

  #free(name: string): string {
    let free = name;
    for (let count = 1; this.#isTaken(free) || this.members.has(free); count += 1) {
      free = `${name}-${count}`;
    }
    return free;
  }
}

function first<Item, Found>(items: Iterable<Item>, search: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = search(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
