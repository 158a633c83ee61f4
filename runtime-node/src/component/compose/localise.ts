// Imports that name types of an interface which is not imported any more, since another component provides it: values are
// spelled out instead, which makes the same type; a resource cannot be, for the host does not know it.
import {
  mapFunc,
  mapParts,
  partsOf,
  type FuncNode,
  type Import,
  type Members,
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
    if (node.kind === 'named') {
      const own = node.home === name || isHere(node.home);
      if (node.bound === null) {
        return own ? undefined : node;
      }
      // What is named here is judged where it stands.
      return own && node.home !== name ? undefined : search(node.bound);
    }
    return first(partsOf(node.type), search);
  };
  const members = type.kind === 'instance' ? [...type.members.values()] : [type];
  return first(
    members.flatMap((member) => (member.kind === 'func' ? typesOf(member) : [member])),
    search,
  );
}

/** `one` has no stranger in it. */
export function localise(one: Import, isHere: IsHere): Import {
  const known = new Map<TypeNode, TypeNode>();
  const spelledOut = (node: TypeNode): TypeNode => {
    if (typeof node === 'string') {
      return node;
    }
    const done = known.get(node);
    if (done !== undefined) {
      return done;
    }
    const made = spell(node);
    known.set(node, made);
    return made;
  };
  const spell = (node: Exclude<TypeNode, string>): TypeNode => {
    if (node.kind === 'composite') {
      return { kind: 'composite', type: mapParts(node.type, spelledOut) };
    }
    if (node.bound === null || (node.home !== one.name && isHere(node.home))) {
      return node;
    }
    return node.home === one.name ? { ...node, bound: spelledOut(node.bound) } : spelledOut(node.bound);
  };
  const member = (from: FuncNode | NamedType): FuncNode | NamedType =>
    from.kind === 'func' ? mapFunc(from, spelledOut) : (spelledOut(from) as NamedType);
  const { type } = one;
  if (type.kind !== 'instance') {
    return { ...one, type: member(type) };
  }
  const members: Members = new Map([...type.members].map(([name, from]) => [name, member(from)]));
  return { ...one, type: { kind: 'instance', members } };
}

const typesOf = ({ params, result }: FuncNode): TypeNode[] => [
  ...params.map(({ type }) => type),
  ...(result === null ? [] : [result]),
];

function first<Item, Found>(items: Iterable<Item>, search: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = search(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
