// Which of the interfaces that dependencies satisfy the root's exports speak of. A component may only export what has a name
// on its own boundary (Explainer.md "import and export definitions"), and the imports that gave such types theirs are gone.
import type { Item } from '../decode/resolve/definitions.ts';
import type { ElaboratedComponent } from './elaborate.ts';
import { Identities } from './identities.ts';
import { needsName, partsOf, typesOf, type Import, type NamedType, type TypeNode } from './types.ts';

/** Names among `plugged`, in their order. Goes by structure, so it names all that have an equal type. */
export function spokenOf(root: ElaboratedComponent, plugged: readonly Import[]): readonly string[] {
  const same = new Identities((resource) => {
    const index = root.indexOf(resource);
    const origin = index === undefined ? undefined : root.origin(index);
    if (origin === undefined) {
      return JSON.stringify(['import', resource.home, resource.name]);
    }
    return JSON.stringify(origin.origin === 'import' ? ['import', origin.interface, origin.name] : ['own', index]);
  });
  const homes = new Map<number, string[]>();
  for (const { name, type } of plugged) {
    for (const member of type.kind === 'instance' ? type.members.values() : []) {
      if (member.kind === 'named') {
        const number = same.number(member);
        homes.set(number, [...(homes.get(number) ?? []), name]);
      }
    }
  }
  const found = new Set<string>();
  for (const item of root.exports.values()) {
    for (const number of unnamedIn(same, root, item, (type) => homes.has(type))) {
      for (const home of homes.get(number) ?? []) {
        found.add(home);
      }
    }
  }
  return withNeeded(plugged, found);
}

/** Exported interfaces may in turn speak of types of others. */
function withNeeded(plugged: readonly Import[], found: Set<string>): readonly string[] {
  // From the last, since types come before those who name them.
  for (const { name, type } of plugged.toReversed()) {
    const members = found.has(name) && type.kind === 'instance' ? [...type.members.values()] : [];
    const nodes = members.flatMap((member) => (member.kind === 'func' ? typesOf(member) : [member]));
    for (const node of reachable(nodes)) {
      if (typeof node !== 'string' && node.kind === 'named') {
        found.add(node.home);
      }
    }
  }
  return plugged.flatMap(({ name }) => (found.has(name) ? [name] : []));
}

/** Types that an export speaks of and has no name for itself. `isPlugged` tells the types of interfaces that are gone. */
function unnamedIn(
  same: Identities,
  root: ElaboratedComponent,
  item: Item,
  isPlugged: (number: number) => boolean,
): ReadonlySet<number> {
  const members = item.sort === 'instance' ? [...item.exports.values()] : [item];
  const types = members.flatMap((member) => typeOf(root, member));
  const own = new Set(types.map((node) => same.number(node)));
  const unnamed = new Set<number>();
  const seen = { outside: new Set<TypeNode>(), inside: new Set<TypeNode>() };
  // A type that is passed on under a name of its own still has parts of the interface that it comes from.
  const visit = (node: TypeNode, where: keyof typeof seen): void => {
    if (typeof node === 'string' || seen[where].has(node)) {
      return;
    }
    seen[where].add(node);
    const number = same.number(node);
    if ((needsName(node) || isResource(node)) && (where === 'inside' || !own.has(number))) {
      unnamed.add(number);
    }
    for (const part of node.kind === 'composite' ? partsOf(node.type) : []) {
      visit(part, isPlugged(number) ? 'inside' : where);
    }
  };
  const called = members.flatMap((member) => (member.sort === 'func' ? typesOf(root.func(member.type)) : []));
  for (const node of [...types, ...called]) {
    visit(node, 'outside');
  }
  return unnamed;
}

function typeOf(root: ElaboratedComponent, item: Item): TypeNode[] {
  if (item.sort !== 'type') {
    return [];
  }
  switch (item.type.kind) {
    case 'value':
      return [root.node(item.type.ref)];
    case 'resource':
      return [root.resource(item.type.index)];
    default:
      return [];
  }
}

function reachable(from: readonly TypeNode[]): ReadonlySet<TypeNode> {
  const seen = new Set<TypeNode>();
  const visit = (node: TypeNode): void => {
    if (seen.has(node)) {
      return;
    }
    seen.add(node);
    if (typeof node !== 'string') {
      (node.kind === 'composite' ? partsOf(node.type) : [node.bound].filter((bound) => bound !== null)).forEach(visit);
    }
  };
  from.forEach(visit);
  return seen;
}

const isResource = (node: TypeNode): node is NamedType =>
  typeof node !== 'string' && node.kind === 'named' && node.bound === null;
