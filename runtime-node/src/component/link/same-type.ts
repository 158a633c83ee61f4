// Whether two function types of a plan are the same type, names and all: what a component promises when it passes one
// instance's function to another. Resources are the same when they have one identity.
import type { ResourceIdentity } from '../abi/resource-identity.ts';
import type { ComponentPlan, CompositeType, FuncType, TypeRef } from '../plan.ts';

export class TypeComparison {
  readonly #types: readonly CompositeType[];
  readonly #resources: readonly ResourceIdentity[];
  /** Pairs already compared; types share parts, and comparing them anew each time could take for ever. */
  readonly #known = new Map<string, boolean>();

  constructor(plan: ComponentPlan, resources: readonly ResourceIdentity[]) {
    this.#types = plan.types;
    this.#resources = resources;
  }

  sameFunction(a: FuncType, b: FuncType): boolean {
    return (
      a === b ||
      (a.async === b.async &&
        this.#all(a.params, b.params, (p, q) => p.name === q.name && this.same(p.type, q.type)) &&
        this.same(a.result, b.result))
    );
  }

  same(a: TypeRef | null, b: TypeRef | null): boolean {
    if (a === b || typeof a !== 'number' || typeof b !== 'number') {
      return a === b;
    }
    const key = `${a} ${b}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#sameComposite(this.#types[a], this.#types[b]);
      this.#known.set(key, known);
    }
    return known;
  }

  #sameComposite(a: CompositeType | undefined, b: CompositeType | undefined): boolean {
    if (a === undefined || b === undefined) {
      return false;
    }
    switch (a.kind) {
      case 'record':
        return b.kind === 'record' && this.#sameNamed(a.fields, b.fields);
      case 'variant':
        return b.kind === 'variant' && this.#sameNamed(a.cases, b.cases);
      case 'list':
        return b.kind === 'list' && this.same(a.element, b.element);
      case 'tuple':
        return b.kind === 'tuple' && this.#all(a.elements, b.elements, (x, y) => this.same(x, y));
      case 'flags':
      case 'enum':
        return b.kind === a.kind && this.#all(a.names, b.names, (x, y) => x === y);
      case 'option':
        return b.kind === 'option' && this.same(a.some, b.some);
      case 'result':
        return b.kind === 'result' && this.same(a.ok, b.ok) && this.same(a.err, b.err);
      case 'own':
      case 'borrow':
        return b.kind === a.kind && this.#resources[a.resource] === this.#resources[b.resource];
      case 'stream':
      case 'future':
        return b.kind === a.kind && this.same(a.element, b.element);
    }
  }

  #sameNamed(
    a: readonly { readonly name: string; readonly type: TypeRef | null }[],
    b: readonly { readonly name: string; readonly type: TypeRef | null }[],
  ): boolean {
    return this.#all(a, b, (x, y) => x.name === y.name && this.same(x.type, y.type));
  }

  #all<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
    return a.length === b.length && a.every((x, i) => same(x, b[i] as T));
  }
}
