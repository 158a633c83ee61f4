// Reads `component.<id>.dependencies` and a trigger's `dependencies` (spin-contract.md §1.5, §1.6). What must hold
// between dependencies and components is checked in dependency-rules.ts.
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { kebabIdProblem } from '../identifiers.ts';
import { parseRequirement } from '../semver/requirement.ts';
import { readHttpContent, readPackageName, readRegistry } from './content.ts';
import { parseDependencyName } from './dependency-name.ts';
import {
  type DependencyManifest,
  type DependencyName,
  type DependencySource,
  type InheritableConfiguration,
  INHERITABLE_CONFIGURATION,
  type Inheritance,
  type TriggerDependency,
} from './types.ts';

const INHERIT = 'inherit_configuration';

export interface DependenciesOptions {
  /** The field `dependencies_inherit_configuration` of the component. */
  readonly inheritAll: boolean | undefined;
  readonly warn: (warning: string) => void;
}

export function readDependencies(
  node: DocumentNode | undefined,
  options: DependenciesOptions,
): ReadonlyMap<string, DependencyManifest> {
  const entries = node?.table().entries() ?? [];
  return new Map(entries.map(([name, value]) => [name, readDependency(readName(name, value), value, options)]));
}

function readName(text: string, node: DocumentNode): DependencyName {
  const name = parseDependencyName(text);
  if (name.kind === 'invalid') {
    throw node.schemaError(name.problem, {
      blame: 'key',
      remedy: 'Name a dependency by its import: name, or "namespace:package/interface@version".',
    });
  }
  return name;
}

function readDependency(name: DependencyName, node: DocumentNode, options: DependenciesOptions): DependencyManifest {
  const inheritByDefault: Inheritance = options.inheritAll === true ? 'all' : [];
  if (typeof node.value === 'string') {
    const from = packageSource(node, defaultPackage(name, node), {});
    return { name, from, inherit: inheritByDefault };
  }
  const table = node.table();
  const exportName = table.get('export')?.string();
  if (name.kind === 'package' && name.interface === undefined && exportName !== undefined) {
    throw node.contentError(
      `using an export to satisfy the package dependency ${JSON.stringify(name.text)} is not currently permitted`,
      { remedy: `Name the interface in the key ("${name.package}/<interface>"), or remove \`export\`.` },
    );
  }
  if (options.inheritAll !== undefined && table.get(INHERIT) !== undefined) {
    throw node.contentError(`\`dependencies_${INHERIT}\` cannot be used together with a dependency's \`${INHERIT}\``, {
      remedy: 'Use one of the two.',
    });
  }
  return {
    name,
    from: readDependencySource(table, ['export'], () => defaultPackage(name, node)),
    ...(exportName !== undefined && { export: exportName }),
    inherit: readInheritance(table.get(INHERIT), options.warn) ?? inheritByDefault,
  };
}

/** The package that the dependency's name speaks of. */
function defaultPackage(name: DependencyName, node: DocumentNode): string {
  if (name.kind === 'plain') {
    throw node.contentError(`dependency ${JSON.stringify(name.text)} must specify a package name`, {
      remedy: 'Write { version = "…", package = "namespace:name" }.',
    });
  }
  return name.package;
}

function readDependencySource(
  table: DocumentTable,
  alsoKnown: readonly string[],
  packageWhenAbsent: () => string,
): DependencySource {
  const known = [INHERIT, ...alsoKnown];
  const [component, path, url] = ['component', 'path', 'url'].map((name) => table.get(name));
  if (component !== undefined) {
    table.refuseOthers(['component', ...known]);
    return { kind: 'component', component: readComponentId(component) };
  }
  if (path !== undefined) {
    table.refuseOthers(['path', ...known]);
    return { kind: 'local', path: path.string() };
  }
  if (url !== undefined) {
    table.refuseOthers(['url', 'digest', ...known]);
    return readHttpContent(table);
  }
  table.refuseOthers(['version', 'registry', 'package', ...known]);
  const version = table.get('version');
  if (version === undefined) {
    throw table.node.schemaError('a dependency must have one of `version`, `path`, `url`, `component`', {
      remedy: 'Say where the dependency comes from.',
    });
  }
  const packageNode = table.get('package');
  const packageName = packageNode === undefined ? packageWhenAbsent() : readPackageName(packageNode);
  return packageSource(version, packageName, readRegistry(table));
}

function packageSource(version: DocumentNode, packageName: string, registry: { registry?: string }): DependencySource {
  if (parseRequirement(version.string()) === undefined) {
    throw version.contentError(
      `the dependency specifies an invalid semantic version requirement (${JSON.stringify(version.value)}) for its package version`,
      { remedy: 'Write a requirement such as "1.2", ">=1.0, <2.0" or "=1.2.3".' },
    );
  }
  return { kind: 'package', package: packageName, version: version.string(), ...registry };
}

export function readComponentId(node: DocumentNode): string {
  const id = node.string();
  const problem = kebabIdProblem(id);
  if (problem !== undefined) {
    throw node.schemaError(problem, { remedy: 'Component ids are kebab-case, such as my-component.' });
  }
  return id;
}

function readInheritance(node: DocumentNode | undefined, warn: (warning: string) => void): Inheritance | undefined {
  if (node === undefined || typeof node.value === 'boolean') {
    return node === undefined ? undefined : node.value === true ? 'all' : [];
  }
  return node.strings().filter((name): name is InheritableConfiguration => {
    const isKnown = INHERITABLE_CONFIGURATION.some((one) => one === name);
    if (!isKnown) {
      warn(
        `\`${INHERIT}\` has no ${JSON.stringify(name)} and ignores it; known are ${INHERITABLE_CONFIGURATION.join(', ')}`,
      );
    }
    return isKnown;
  });
}

/** Dependencies of a trigger, by role: components that the trigger puts round its own. */
export function readTriggerDependencies(
  node: DocumentNode | undefined,
  warn: (warning: string) => void,
): ReadonlyMap<string, readonly TriggerDependency[]> {
  const roles = node?.table().entries() ?? [];
  return new Map(roles.map(([role, list]) => [role, list.list().map((item) => readTriggerDependency(item, warn))]));
}

function readTriggerDependency(node: DocumentNode, warn: (warning: string) => void): TriggerDependency {
  const table = node.table();
  const missingPackage = (): string => table.required('package').string();
  return {
    from: readDependencySource(table, [], missingPackage),
    inherit: readInheritance(table.get(INHERIT), warn) ?? [],
  };
}
