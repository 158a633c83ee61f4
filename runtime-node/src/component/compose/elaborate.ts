// Elaborates one component by itself, which says whether it is sound and of what type its exports are: the types of
// exports are found by instantiation, not written anywhere.
import type { Item } from '../decode/resolve/definitions.ts';
import { instantiate } from '../decode/resolve/instantiate.ts';
import { PlanBuilder } from '../decode/resolve/plan-builder.ts';
import { hostSupply } from '../decode/resolve/supply.ts';
import type { ResourceType, TypeRef } from '../plan.ts';
import { blaming, type ReadComponent } from './read.ts';
import { mapParts, type FuncNode, type NamedType, type TypeNode } from './types.ts';

/** Throws UserError for what is unsound. */
export const elaborate = (component: ReadComponent): ElaboratedComponent => new ElaboratedComponent(component);

export class ElaboratedComponent {
  readonly exports: ReadonlyMap<string, Item>;
  readonly #plan: PlanBuilder;
  readonly #nodes = new Map<number, TypeNode>();
  readonly #resources = new Map<number, NamedType>();
  readonly #indices = new Map<NamedType, number>();

  constructor({ called, bytes, syntax }: ReadComponent) {
    const plan = new PlanBuilder(bytes, syntax.modules);
    const { definitions } = syntax.root;
    this.#plan = plan;
    this.exports = blaming(called, () =>
      // Under the name of the import, whatever it stands for: that is how the types of imports are told apart here.
      instantiate(plan, { definitions, outer: null }, ({ name }) => hostSupply(plan, { name, interface: name }), 0),
    ).exports;
  }

  node(ref: TypeRef): TypeNode {
    if (typeof ref === 'string') {
      return ref;
    }
    const known = this.#nodes.get(ref);
    if (known !== undefined) {
      return known;
    }
    const type = this.#plan.table.types[ref];
    if (type === undefined) {
      throw new RangeError(`no type ${ref} in the table`);
    }
    const node: TypeNode = {
      kind: 'composite',
      type:
        type.kind === 'own' || type.kind === 'borrow'
          ? { kind: type.kind, resource: this.resource(type.resource) }
          : mapParts<TypeRef, TypeNode>(type, (part) => this.node(part)),
    };
    this.#nodes.set(ref, node);
    return node;
  }

  func(index: number): FuncNode {
    const { async, params, result } = this.#plan.table.func(index);
    return {
      kind: 'func',
      async: async === true,
      params: params.map(({ name, type }) => ({ name, type: this.node(type) })),
      result: result === null ? null : this.node(result),
    };
  }

  /** The same object each time. */
  resource(index: number): NamedType {
    const known = this.#resources.get(index);
    if (known !== undefined) {
      return known;
    }
    const origin = this.origin(index);
    const home = origin.origin === 'import' ? origin.interface : '';
    const made = { kind: 'named', home, name: origin.name, bound: null } as const;
    this.#resources.set(index, made);
    this.#indices.set(made, index);
    return made;
  }

  /** Of a resource that this component has given out; undefined for others. */
  indexOf(resource: NamedType): number | undefined {
    return this.#indices.get(resource);
  }

  origin(index: number): ResourceType {
    const resource = this.#plan.resource(index);
    if (resource === undefined) {
      throw new RangeError(`no resource ${index} in the plan`);
    }
    return resource;
  }
}
