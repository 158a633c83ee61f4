// Reads `[application]`, `[variables]` and the small tables that both manifest versions share (§1.3).
import type { DocumentNode } from '../document/document-node.ts';
import { lowerSnakeIdProblem } from '../identifiers.ts';
import { toTomlTable } from './toml-table.ts';
import type { ApplicationDetails, TargetRef, TomlTable, VariableManifest } from './types.ts';

const APPLICATION_FIELDS = ['name', 'version', 'description', 'authors', 'targets', 'trigger', 'tool'];

export function readApplication(node: DocumentNode): ApplicationDetails {
  const table = node.table(APPLICATION_FIELDS);
  const targets = table.get('targets');
  return {
    name: table.required('name').string(),
    version: table.get('version')?.string() ?? '',
    description: table.get('description')?.string() ?? '',
    authors: table.get('authors')?.strings() ?? [],
    targets: targets === undefined ? [] : readTargets(targets),
    trigger: readTools(table.get('trigger')),
    tool: readTools(table.get('tool')),
  };
}

/** Tables by name that only the trigger or tool of that name understands. */
export function readTools(node: DocumentNode | undefined): ReadonlyMap<string, TomlTable> {
  const entries = node?.table().entries() ?? [];
  return new Map(entries.map(([name, tool]) => [name, toTomlTable(tool)]));
}

export function readTargets(node: DocumentNode): TargetRef[] {
  return node.list().map((item) => {
    if (typeof item.value === 'string') {
      return { kind: 'catalogue', name: item.value };
    }
    const table = item.table(['url', 'path']);
    const url = table.get('url');
    const path = table.get('path');
    if (url !== undefined && path === undefined) {
      return { kind: 'http', url: url.string() };
    }
    if (path !== undefined && url === undefined) {
      return { kind: 'local', path: path.string() };
    }
    throw item.schemaError('a target must be a name, { url } or { path }');
  });
}

export function readVariables(node: DocumentNode | undefined): ReadonlyMap<string, VariableManifest> {
  const entries = node?.table().entries() ?? [];
  return new Map(
    entries.map(([name, variable]) => {
      const problem = lowerSnakeIdProblem(name);
      if (problem !== undefined) {
        throw variable.schemaError(problem, { blame: 'key', remedy: 'Variable names are lower_snake_case.' });
      }
      return [name, readVariable(variable)];
    }),
  );
}

function readVariable(node: DocumentNode): VariableManifest {
  const table = node.table(['description', 'required', 'default', 'secret']);
  const description = table.get('description')?.string();
  const value = table.get('default')?.string();
  if ((table.get('required')?.boolean() ?? false) === (value !== undefined)) {
    throw node.contentError('must be `required` OR have a `default`', {
      remedy: 'Give the variable `default = "…"`, or `required = true`, but not both.',
    });
  }
  return {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    secret: table.get('secret')?.boolean() ?? false,
  };
}
