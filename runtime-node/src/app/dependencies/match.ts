// Which import of a component each of its dependencies satisfies, and by which export (spin-contract.md §1.6). Pure; the
// messages are Spin's.
import { parseDependencyName, UserError, type DependencyName } from '@spindle/api';

export interface DependencyFacts {
  /** As the manifest has it: `foo-bar`, or `ns:pkg[/interface][@version]`. */
  readonly name: string;
  /** The manifest's `export`; null when the export is named as the import. */
  readonly export: string | null;
  /** Names of what the dependency exports. */
  readonly exports: readonly string[];
}

export interface Plug {
  /** Name of the import. */
  readonly import: string;
  /** Index of the dependency. */
  readonly dependency: number;
  /** Name of the dependency's export. */
  readonly export: string;
}

/** In the order of the dependencies. */
export function matchDependencies(
  componentId: string,
  imports: readonly string[],
  dependencies: readonly DependencyFacts[],
): Plug[] {
  const matches = dependencies.map(({ name }) => {
    const dependency = readName(componentId, name);
    const matched = new Set(imports.filter((one) => satisfies(dependency, one)));
    if (matched.size === 0) {
      throw unmatched(componentId, name, imports);
    }
    return matched;
  });
  const conflicts = imports.flatMap((name) => {
    const by = dependencies.filter((_, index) => matches[index]?.has(name)).map((dependency) => `'${dependency.name}'`);
    return by.length > 1 ? [`import '${name}' satisfied by dependencies: ${by.join(', ')}`] : [];
  });
  if (conflicts.length > 0) {
    throw conflicting(componentId, conflicts);
  }
  return dependencies.flatMap((dependency, index) =>
    [...(matches[index] ?? [])].map((name) => ({
      import: name,
      dependency: index,
      export: exportFor(componentId, name, dependency),
    })),
  );
}

function readName(componentId: string, text: string): DependencyName {
  const name = parseDependencyName(text);
  if (name.kind === 'invalid') {
    // The manifest was checked; a locked app may come from anywhere.
    throw new UserError(`component '${componentId}' has a dependency of an invalid name: ${name.problem}`, {
      code: 'SPK4060',
      field: fieldOf(componentId, text),
      remedy: 'Push the app again with `spindle registry push` or `spin registry push`.',
    });
  }
  return name;
}

const PACKAGE_IMPORT = /^(?<package>[^/@]+:[^/@]+)(?:\/(?<interface>[^@]+))?(?:@(?<version>.+))?$/;

/** What the name does not say may be anything. */
function satisfies(dependency: DependencyName, importName: string): boolean {
  if (dependency.kind === 'plain') {
    return dependency.text === importName;
  }
  const wanted = PACKAGE_IMPORT.exec(importName)?.groups;
  return (
    wanted?.['package'] === dependency.package &&
    (dependency.interface === undefined || dependency.interface === wanted['interface']) &&
    (dependency.version === undefined || dependency.version === wanted['version'])
  );
}

function exportFor(componentId: string, importName: string, dependency: DependencyFacts): string {
  const { name, exports } = dependency;
  const exportName = dependency.export ?? importName;
  if (!exports.includes(exportName)) {
    throw new UserError(`dependency '${name}' doesn't export '${exportName}' to satisfy import '${importName}'`, {
      code: 'SPK4062',
      field: fieldOf(componentId, name),
      remedy: `It exports ${listed(exports)}. Name the one that is meant with \`export\`, or use another component.`,
    });
  }
  return exportName;
}

/** Where a manifest has it. */
export const fieldOf = (componentId: string, dependency: string): string =>
  `component.${componentId}.dependencies.${JSON.stringify(dependency)}`;

function unmatched(componentId: string, name: string, imports: readonly string[]): UserError {
  const others = imports.filter((one) => !/^(?:wasi|spin|fermyon):/.test(one));
  return new UserError(`dependency '${name}' doesn't match any imports of component '${componentId}'`, {
    code: 'SPK4060',
    field: fieldOf(componentId, name),
    remedy:
      others.length > 0
        ? `Name one of its imports (${listed(others)}), or remove the dependency.`
        : "Remove the dependency, or build the component so that it uses it: all that it imports is the host's.",
  });
}

const conflicting = (componentId: string, conflicts: readonly string[]): UserError =>
  new UserError(`component '${componentId}' has dependency conflicts: ${conflicts.join('; ')}`, {
    code: 'SPK4061',
    field: `component.${componentId}.dependencies`,
    remedy: 'Remove one of them, or name an interface in each so that no import matches two.',
  });

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
