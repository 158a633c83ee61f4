// What must hold between dependencies, and between a dependency and the component that it names (§1.6).
import { UserError } from '../errors.ts';
import { namesConflict } from './dependency-name.ts';
import type { AppManifest, ComponentContent, ComponentManifest, DependencySource } from './types.ts';

/** A rule that is broken, and by which component. */
export interface DependencyFault {
  readonly componentId: string;
  /** Name of the dependency. */
  readonly name: string;
  readonly message: string;
  readonly remedy: string;
}

export function findDependencyFault(components: AppManifest['components']): DependencyFault | undefined {
  for (const component of components.values()) {
    const fault = conflict(component) ?? badComponentReference(component, components);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

/** Where the bytes of a dependency are: those of the component that it names, if it names one. */
export function dependencyContent(manifest: AppManifest, from: DependencySource): ComponentContent {
  if (from.kind !== 'component') {
    return from;
  }
  const component = manifest.components.get(from.component);
  if (component === undefined) {
    throw new UserError(unknownDependency(from.component), { code: 'SPK1001', remedy: UNKNOWN_REMEDY });
  }
  return component.source;
}

const UNKNOWN_REMEDY = 'Name a component of this application.';
const unknownDependency = (id: string): string => `dependency ID ${id} does not exist`;

function conflict({ id, dependencies }: ComponentManifest): DependencyFault | undefined {
  const names = [...dependencies.values()].map((dependency) => dependency.name);
  for (const [index, name] of names.entries()) {
    const other = names.slice(index + 1).find((one) => namesConflict(name, one));
    if (other !== undefined) {
      return {
        componentId: id,
        name: other.text,
        message: `${JSON.stringify(name.text)} dependency conflicts with ${JSON.stringify(other.text)}`,
        remedy: 'Two dependencies on one package must differ in the interface or be of incompatible versions.',
      };
    }
  }
  return undefined;
}

function badComponentReference(
  { id, dependencies }: ComponentManifest,
  components: AppManifest['components'],
): DependencyFault | undefined {
  for (const [name, { from }] of dependencies) {
    if (from.kind !== 'component') {
      continue;
    }
    const used = components.get(from.component);
    if (used === undefined) {
      return { componentId: id, name, message: unknownDependency(from.component), remedy: UNKNOWN_REMEDY };
    }
    const own = ownResources(used);
    if (own.length > 0) {
      const message =
        'Dependencies may not have their own resources or permissions. ' +
        `Component ${used.id} cannot be used as a dependency of ${id} because it specifies: ${own.join(', ')}`;
      return { componentId: id, name, message, remedy: `Move them to ${id}, and let the dependency inherit them.` };
    }
  }
  return undefined;
}

/** What would not work once the component is composed into another. */
function ownResources(component: ComponentManifest): string[] {
  const sizes: Readonly<Record<string, number>> = {
    ai_models: component.aiModels.length,
    allowed_outbound_hosts: component.allowedOutboundHosts.length,
    dependencies: component.dependencies.size,
    environment: component.environment.size,
    files: component.files.length,
    key_value_stores: component.keyValueStores.length,
    sqlite_databases: component.sqliteDatabases.length,
    variables: component.variables.size,
  };
  return Object.keys(sizes).filter((name) => sizes[name] !== 0);
}
