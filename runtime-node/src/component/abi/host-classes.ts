// Finds the resource type of a host object by its class, for functions at the core ABI that make handles.
import type { HostResource, ResourceIdentity } from './resource-identity.ts';

export class HostClasses {
  readonly #byClass = new Map<unknown, HostResource>();

  constructor(resources: readonly ResourceIdentity[]) {
    for (const resource of resources) {
      if (resource.origin === 'host') {
        this.#byClass.set(resource.hostClass, resource);
      }
    }
  }

  identify(object: object): HostResource {
    const known = this.#byClass.get(object.constructor);
    return known ?? this.#inherited(object);
  }

  #inherited(object: object): HostResource {
    for (let at: unknown = Object.getPrototypeOf(object); at !== null; at = Object.getPrototypeOf(at)) {
      const resource = this.#byClass.get((at as object).constructor);
      if (resource !== undefined) {
        this.#byClass.set(object.constructor, resource);
        return resource;
      }
    }
    throw new TypeError(`an object of class ${object.constructor.name} is of no resource type that the guest imports`);
  }
}
