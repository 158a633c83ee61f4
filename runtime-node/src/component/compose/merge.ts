// The imports of several components as the imports of one: those of one name become one import, whose interface has all
// that any of them asks for. What the same name means differently to two of them is refused.
import { memberDifference } from './difference.ts';
import { cannotCompose } from './errors.ts';
import { Identities } from './identities.ts';
import type { FuncNode, Import, ImportType, Members, NamedType } from './types.ts';

export interface ImportsOf {
  /** Whose they are, in messages. */
  readonly called: string;
  readonly imports: readonly Import[];
}

interface Merged {
  readonly import: Import;
  /** Who asked for it first. */
  readonly called: string;
}

export function mergeImports(all: readonly ImportsOf[]): ReadonlyMap<string, Import> {
  const same = new Identities(({ home, name }) => JSON.stringify([home, name]));
  const merged = new Map<string, Merged>();
  for (const { called, imports } of all) {
    for (const one of imports) {
      const before = merged.get(one.name);
      merged.set(
        one.name,
        before === undefined ? { import: one, called } : both(same, before, { import: one, called }),
      );
    }
  }
  return new Map([...merged].map(([name, one]) => [name, one.import]));
}

function both(same: Identities, before: Merged, next: Merged): Merged {
  const { name, implements: standsFor, type } = before.import;
  const conflict = (what: string): never => {
    throw cannotCompose(`import "${name}" differs between ${before.called} and ${next.called}: ${what}`);
  };
  if (standsFor !== next.import.implements) {
    return conflict(`it stands for ${nameOr(standsFor)} in one and for ${nameOr(next.import.implements)} in the other`);
  }
  const wanted = next.import.type;
  if (type.kind === 'instance' && wanted.kind === 'instance') {
    return { ...before, import: { ...before.import, type: union(same, type.members, wanted.members, conflict) } };
  }
  if (type.kind === 'instance' || wanted.kind === 'instance') {
    return conflict('it is an interface in one and none in the other');
  }
  refuseDifference(same, type, wanted, '', conflict);
  return before;
}

function union(same: Identities, left: Members, right: Members, conflict: (what: string) => never): ImportType {
  const members = new Map(left);
  for (const [name, member] of right) {
    const known = members.get(name);
    if (known === undefined) {
      members.set(name, member);
    } else {
      refuseDifference(same, known, member, `${member.kind === 'func' ? 'function' : 'type'} "${name}"`, conflict);
    }
  }
  return { kind: 'instance', members };
}

function refuseDifference(
  same: Identities,
  left: FuncNode | NamedType,
  right: FuncNode | NamedType,
  where: string,
  conflict: (what: string) => never,
): void {
  const found = memberDifference(same, left, right);
  if (found !== undefined) {
    const path = [...(where === '' ? [] : [where]), ...found.path].join(', ');
    conflict(`${path === '' ? 'it' : path} is ${found.left} in one and ${found.right} in the other`);
  }
}

const nameOr = (name: string | null): string => (name === null ? 'itself' : `"${name}"`);
