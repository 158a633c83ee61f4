// Whether what dependencies export fits what the root imports (Component Model Subtyping.md): an interface may have more
// than is asked for, all else must be the same type.
import type { Item } from '../decode/resolve/definitions.ts';
import { memberDifference, typeDifference, type Difference } from './difference.ts';
import type { ElaboratedComponent } from './elaborate.ts';
import { ExportMismatch } from './errors.ts';
import { Identities } from './identities.ts';
import type { FuncNode, ImportType, NamedType } from './types.ts';
import type { Unified } from './unify.ts';

/** An import of the root and what is plugged into it. */
export interface CheckedPlug {
  readonly import: string;
  readonly type: ImportType;
  readonly export: string;
  readonly dependency: CheckedDependency;
}

export interface CheckedDependency {
  readonly name: string;
  readonly component: ElaboratedComponent;
  /** Whether what it imports under this name is the host's. */
  readonly isHosts: (importName: string) => boolean;
}

/** Throws ExportMismatch for the first that does not fit. */
export function checkPlugs(plugs: readonly CheckedPlug[], unified: Unified): void {
  const same = new Identities(makerOf(plugs, unified));
  for (const plug of plugs) {
    const difference = mismatch(same, plug);
    if (difference !== undefined) {
      throw new ExportMismatch(
        { import: plug.import, dependency: plug.dependency.name, export: plug.export },
        difference,
      );
    }
  }
}

/** A resource is the same where the same dependency makes it, or the host under the same name. */
function makerOf(plugs: readonly CheckedPlug[], unified: Unified): (resource: NamedType) => string {
  const byImport = new Map(plugs.map((plug) => [plug.import, plug]));
  const dependencies = [...new Set(plugs.map(({ dependency }) => dependency))];
  const hosts = (home: string, name: string): string => JSON.stringify(['host', unified(home), name]);
  const ofDependency = (dependency: CheckedDependency, index: number): string => {
    const origin = dependency.component.origin(index);
    return origin.origin === 'import' && dependency.isHosts(origin.interface)
      ? hosts(origin.interface, origin.name)
      : JSON.stringify(['dependency', dependencies.indexOf(dependency), index]);
  };
  return (resource) => {
    for (const dependency of dependencies) {
      const index = dependency.component.indexOf(resource);
      if (index !== undefined) {
        return ofDependency(dependency, index);
      }
    }
    const plug = byImport.get(resource.home);
    if (plug === undefined) {
      return hosts(resource.home, resource.name);
    }
    const index = resourceIn(plug.dependency.component.exports.get(plug.export), resource.name);
    return index === undefined ? 'nobody' : ofDependency(plug.dependency, index);
  };
}

function resourceIn(item: Item | undefined, name: string): number | undefined {
  const member = item?.sort === 'instance' ? item.exports.get(name) : undefined;
  return member?.sort === 'type' && member.type.kind === 'resource' ? member.type.index : undefined;
}

function mismatch(same: Identities, { type, export: name, dependency }: CheckedPlug): string | undefined {
  const { component } = dependency;
  const item = component.exports.get(name);
  if (type.kind !== 'instance') {
    return memberMismatch(same, 'it', type, item, component);
  }
  if (item?.sort !== 'instance') {
    return `it is ${sortOf(item)} where an interface is asked for`;
  }
  for (const [member, asked] of type.members) {
    const found = memberMismatch(same, `${wordOf(asked)} "${member}"`, asked, item.exports.get(member), component);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function memberMismatch(
  same: Identities,
  where: string,
  asked: FuncNode | NamedType,
  item: Item | undefined,
  component: ElaboratedComponent,
): string | undefined {
  if (item === undefined) {
    return `${where} is missing`;
  }
  if (item.sort === 'func' && asked.kind === 'func') {
    return inWords(where, memberDifference(same, asked, component.func(item.type)));
  }
  if (item.sort === 'type' && asked.kind === 'named') {
    const { type } = item;
    if (type.kind === 'value') {
      return inWords(where, typeDifference(same, asked, component.node(type.ref)));
    }
    if (type.kind === 'resource') {
      return inWords(where, typeDifference(same, asked, component.resource(type.index)));
    }
  }
  return `${where} is ${sortOf(item)}`;
}

const inWords = (where: string, found: Difference | undefined): string | undefined =>
  found && `${[where, ...found.path].join(', ')} is ${found.right} where ${found.left} is asked for`;

function wordOf(member: FuncNode | NamedType): string {
  if (member.kind === 'func') {
    return 'function';
  }
  return member.bound === null ? 'resource' : 'type';
}

function sortOf(item: Item | undefined): string {
  switch (item?.sort) {
    case 'func':
      return 'a function';
    case 'instance':
      return 'an interface';
    case undefined:
      return 'missing';
    default:
      return `a ${item?.sort}`;
  }
}
