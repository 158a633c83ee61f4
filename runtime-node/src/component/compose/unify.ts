// Components that were built with different tools often import the same interface of the host in versions that differ in
// the patch. They are imported as they are, unless a resource of theirs goes from one component to another: then the host
// must give both the same, and all compatible versions of that interface become the newest.
import { newestCompatible } from '../link/versions.ts';
import {
  mapFunc,
  mapParts,
  partsOf,
  typesOf,
  type FuncNode,
  type Import,
  type ImportType,
  type NamedType,
  type TypeNode,
} from './types.ts';

/** What an interface of the host is imported as. */
export type Unified = (importName: string) => string;

/** `crossing`: types of what one component gives another. `hosts`: what each component imports of the host. */
export function unify(crossing: readonly ImportType[], hosts: readonly (readonly Import[])[]): Unified {
  const imports = Map.groupBy(hosts.flat(), ({ name }) => name);
  const byInterface = Map.groupBy(imports.keys(), interfaceOf);
  const newest = new Map<string, string>();
  const waiting = crossing.flatMap(homesIn);
  for (let home = waiting.pop(); home !== undefined; home = waiting.pop()) {
    if (newest.has(home) || !imports.has(home)) {
      continue;
    }
    const versions = byInterface.get(interfaceOf(home)) ?? [];
    const best = newestCompatible(home, versions);
    for (const name of versions) {
      if (newestCompatible(name, [best]) === best) {
        newest.set(name, best);
        waiting.push(...(imports.get(name) ?? []).flatMap(({ type }) => homesIn(type)));
      }
    }
  }
  return (name) => newest.get(name) ?? name;
}

/** Without its version. */
const interfaceOf = (name: string): string => name.replace(/@.*/, '');

/** Interfaces whose resources a type speaks of. */
function homesIn(type: ImportType): string[] {
  const homes: string[] = [];
  const seen = new Set<TypeNode>();
  const visit = (node: TypeNode): void => {
    if (typeof node === 'string' || seen.has(node)) {
      return;
    }
    seen.add(node);
    if (node.kind === 'composite') {
      partsOf(node.type).forEach(visit);
    } else if (node.bound === null) {
      homes.push(node.home);
    } else {
      visit(node.bound);
    }
  };
  const members = type.kind === 'instance' ? [...type.members.values()] : [type];
  members.flatMap((member) => (member.kind === 'func' ? typesOf(member) : [member])).forEach(visit);
  return homes;
}

export function renamed({ name, implements: standsFor, type }: Import, unified: Unified): Import {
  const known = new Map<NamedType, NamedType>();
  const rename = (node: TypeNode): TypeNode => {
    if (typeof node === 'string') {
      return node;
    }
    return node.kind === 'composite' ? { kind: 'composite', type: mapParts(node.type, rename) } : renameNamed(node);
  };
  const renameNamed = (node: NamedType): NamedType => {
    const made = known.get(node) ?? {
      ...node,
      home: unified(node.home),
      bound: node.bound === null ? null : rename(node.bound),
    };
    known.set(node, made);
    return made;
  };
  const member = (one: FuncNode | NamedType): FuncNode | NamedType =>
    one.kind === 'func' ? mapFunc(one, rename) : renameNamed(one);
  return {
    name: unified(name),
    implements: standsFor,
    type:
      type.kind === 'instance'
        ? { kind: 'instance', members: new Map([...type.members].map(([key, one]) => [key, member(one)])) }
        : member(type),
  };
}
