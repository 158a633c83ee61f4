// A text for each type that is the same for types that are the same: what two types of a plan, which lists each once as
// it is written, come to when their resources have one identity.
import type { CompositeType, TypeRef } from '../plan.ts';
import { InvalidComponent } from './invalid-component.ts';
import type { ResourceIdentity } from './resource-identity.ts';

export class TypeKeys {
  readonly #types: readonly CompositeType[];
  readonly #resources: readonly ResourceIdentity[];
  readonly #numbers = new Map<string, string>();
  readonly #known = new Map<number, string>();

  constructor(types: readonly CompositeType[], resources: readonly ResourceIdentity[]) {
    this.#types = types;
    this.#resources = resources;
  }

  /** Numbers stand for the parts, so that a key is no longer than its own type. */
  of(ref: TypeRef | null): string {
    if (typeof ref !== 'number') {
      return ref ?? '';
    }
    const known = this.#known.get(ref);
    if (known !== undefined) {
      return known;
    }
    const type = this.#types[ref];
    if (type === undefined) {
      throw new InvalidComponent(`there is no type ${ref}`);
    }
    const text = JSON.stringify(this.#structure(type));
    const key = this.#numbers.get(text) ?? String(this.#numbers.size);
    this.#numbers.set(text, key);
    this.#known.set(ref, key);
    return key;
  }

  #structure(type: CompositeType): unknown {
    switch (type.kind) {
      case 'record':
        return [type.kind, type.fields.map((field) => [field.name, this.of(field.type)])];
      case 'variant':
        return [type.kind, type.cases.map((one) => [one.name, this.of(one.type)])];
      case 'list':
      case 'stream':
      case 'future':
        return [type.kind, this.of(type.element)];
      case 'tuple':
        return [type.kind, type.elements.map((element) => this.of(element))];
      case 'flags':
      case 'enum':
        return [type.kind, type.names];
      case 'option':
        return [type.kind, this.of(type.some)];
      case 'result':
        return [type.kind, this.of(type.ok), this.of(type.err)];
      case 'own':
      case 'borrow':
        return [type.kind, this.#resources.indexOf(this.#resources[type.resource] as ResourceIdentity)];
    }
  }
}
