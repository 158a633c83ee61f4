// Who fills an import: the host, for the outermost component, or a definition that an instantiation was given. Either
// is asked the same questions while the import's type is walked, which is also how arguments are checked against it.
import { malformed, unsupported } from '../binary/error.ts';
import type { Sort } from '../binary/syntax.ts';
import { SORT_NAMES, type Item, type TypeItem } from './definitions.ts';
import type { PlanBuilder } from './plan-builder.ts';

export interface Supply {
  /** A function of exactly this type. */
  func(type: number, offset: number): Item;
  /** A resource type of its own identity. */
  resource(offset: number): Item;
  /** The type that it has to be. */
  equal(type: TypeItem, offset: number): Item;
  /** A core module or component, whatever it imports. */
  opaque(sort: 'module' | 'component', offset: number): Item;
  /** Says that an instance is asked for; `member` then gives its exports. */
  instance(offset: number): void;
  member(name: string, offset: number): Supply;
}

/** The host gives all that is asked for, except what no host of WASI can. */
export function hostSupply(plan: PlanBuilder, root: { readonly name: string; readonly interface: string }): Supply {
  const leaf = (iface: string, name: string): Supply => ({
    func: (type) => ({ sort: 'func', type, source: { from: 'host', interface: iface, name } }),
    resource: (offset) => ({
      sort: 'type',
      type: { kind: 'resource', index: plan.addResource({ origin: 'import', interface: iface, name }, offset) },
    }),
    equal: (type) => ({ sort: 'type', type }),
    opaque: (sort, offset) => {
      throw unsupported(`the import of a ${SORT_NAMES[sort]} ("${name}")`, offset, COMPOSE);
    },
    instance: (offset) => {
      throw unsupported(`an instance within the imported instance "${iface}" ("${name}")`, offset, COMPOSE);
    },
    member: (member) => leaf(iface, member),
  });
  return {
    ...leaf('', root.name),
    instance: () => plan.importInterface(root.interface),
    member: (member) => leaf(root.interface, member),
  };
}

const COMPOSE =
  'Compose the component with what it imports (`wac plug`), so that only interfaces are left to the host.';

/** A definition that must be of the type that is walked. `what` names it in messages. */
export function itemSupply(item: Item | undefined, what: string): Supply {
  const expect = <S extends Sort>(sort: S, offset: number): Extract<Item, { sort: S }> => {
    if (item?.sort !== sort) {
      const found = item === undefined ? 'missing' : withArticle(item.sort);
      throw malformed(`${what} should be ${withArticle(sort)} but is ${found}`, offset);
    }
    return item as Extract<Item, { sort: S }>;
  };
  return {
    func: (type, offset) => {
      const func = expect('func', offset);
      if (func.type !== type) {
        throw malformed(`${what} is a function of another type than is asked for`, offset);
      }
      return func;
    },
    resource: (offset) => {
      const given = expect('type', offset);
      if (given.type.kind !== 'resource') {
        throw malformed(`${what} should be a resource type`, offset);
      }
      return given;
    },
    equal: (type, offset) => {
      const given = expect('type', offset);
      if (!sameType(given.type, type)) {
        throw malformed(`${what} is another type than is asked for`, offset);
      }
      return given;
    },
    opaque: (sort, offset) => expect(sort, offset),
    instance: (offset) => {
      expect('instance', offset);
    },
    member: (name, offset) => itemSupply(expect('instance', offset).exports.get(name), `"${name}" of ${what}`),
  };
}

const withArticle = (sort: Sort): string => `${sort === 'instance' ? 'an' : 'a'} ${SORT_NAMES[sort]}`;

function sameType(left: TypeItem, right: TypeItem): boolean {
  if (left.kind === 'value') {
    return right.kind === 'value' && left.ref === right.ref;
  }
  if (left.kind === 'func' || left.kind === 'resource') {
    return right.kind === left.kind && left.index === right.index;
  }
  return left.kind === right.kind;
}
