// Binds a plan's imports to the host's interfaces. All that is missing is reported at once, by name.
import { UserError } from '@spindle/api';
import type { HostResource, ResourceIdentity } from '../abi/resource-identity.ts';
import type { HostFunction, HostInterface, HostInterfaces, HostResourceClass } from '../host-interface.ts';
import type { ComponentPlan, ImportedFunc, PlanExport, ResourceType } from '../plan.ts';
import { findCompatible, versionsOf } from './versions.ts';

export interface ResolvedFunction<Guest> {
  readonly host: HostFunction<Guest>;
  /** As the interface has it. */
  readonly repeatable: boolean;
}

export interface ResolvedImports<Guest> {
  /** By index of the plan's import; only those that the component can call. */
  readonly functions: ReadonlyMap<number, ResolvedFunction<Guest>>;
  /** By index of the plan's resource. */
  readonly resources: readonly ResourceIdentity[];
}

export function resolveImports<Guest>(
  plan: ComponentPlan,
  hosts: HostInterfaces<Guest>,
  component: string,
): ResolvedImports<Guest> {
  const lookup = new HostLookup(hosts);
  const functions = new Map<number, ResolvedFunction<Guest>>();
  for (const index of callableImports(plan)) {
    const found = lookup.function(plan.imports[index] as ImportedFunc);
    if (found !== undefined) {
      functions.set(index, found);
    }
  }
  const resources = plan.resources.map((resource) => lookup.identity(resource));
  lookup.throwIfMissing(component);
  return { functions, resources };
}

/** What is imported and never lowered or exported cannot be called, so the host need not have it. */
function callableImports(plan: ComponentPlan): ReadonlySet<number> {
  const used = new Set<number>();
  for (const trampoline of plan.trampolines) {
    if (trampoline.kind === 'lower' && trampoline.target.from === 'import') {
      used.add(trampoline.target.import);
    }
  }
  const visit = (item: PlanExport): void => {
    if (item.kind === 'instance') {
      Object.values(item.exports).forEach(visit);
    } else if (item.target.from === 'import') {
      used.add(item.target.import);
    }
  };
  Object.values(plan.exports).forEach(visit);
  return used;
}

class HostLookup<Guest> {
  readonly #hosts: HostInterfaces<Guest>;
  readonly #missing = new Set<string>();
  readonly #identities = new Map<HostResourceClass, HostResource>();
  readonly #found = new Map<string, HostInterface<Guest> | undefined>();

  constructor(hosts: HostInterfaces<Guest>) {
    this.#hosts = hosts;
  }

  function({ interface: interfaceName, name }: ImportedFunc): ResolvedFunction<Guest> | undefined {
    const found = this.#interface(interfaceName);
    const host = found === undefined ? undefined : ownProperty(found.functions, name);
    if (found !== undefined && host === undefined) {
      this.#missing.add(`function "${name}"${of(interfaceName)}`);
    }
    return host && { host, repeatable: found?.repeatable === true };
  }

  identity(resource: ResourceType): ResourceIdentity {
    if (resource.origin === 'guest') {
      return { ...resource, name: resource.name === '' ? 'a guest-defined resource' : resource.name };
    }
    const { interface: interfaceName, name } = resource;
    const found = this.#interface(interfaceName);
    const hostClass = found === undefined ? undefined : ownProperty(found.resources, name);
    if (found !== undefined && hostClass === undefined) {
      this.#missing.add(`resource "${name}"${of(interfaceName)}`);
    }
    // Where something is missing the identity is never used: `throwIfMissing` comes first.
    return this.#shared(hostClass ?? Object, `${interfaceName}/${name}`);
  }

  /** Two versions of an interface that the host answers with one class have one type. */
  #shared(hostClass: HostResourceClass, name: string): HostResource {
    const known = this.#identities.get(hostClass);
    if (known !== undefined) {
      return known;
    }
    const identity: HostResource = { origin: 'host', name, hostClass };
    this.#identities.set(hostClass, identity);
    return identity;
  }

  #interface(name: string): HostInterface<Guest> | undefined {
    if (!this.#found.has(name)) {
      this.#found.set(name, this.#findInterface(name));
    }
    return this.#found.get(name);
  }

  #findInterface(name: string): HostInterface<Guest> | undefined {
    const found = findCompatible(name, this.#hosts.keys());
    if (found === undefined) {
      const others = versionsOf(name, this.#hosts.keys());
      this.#missing.add(`interface "${name}"${others.length > 0 ? ` (there is ${others.join(', ')})` : ''}`);
      return undefined;
    }
    return this.#hosts.get(found);
  }

  throwIfMissing(component: string): void {
    if (this.#missing.size > 0) {
      throw new UserError(
        `${component} imports what this runtime does not provide: ${[...this.#missing].toSorted().join(', ')}`,
        {
          code: 'SPK4013',
          remedy:
            'Build the component without these imports, or for the versions that the runtime has; what another component ' +
            'exports, name among the `dependencies` of this one.',
        },
      );
    }
  }
}

const of = (interfaceName: string): string => (interfaceName === '' ? '' : ` of "${interfaceName}"`);

const ownProperty = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
