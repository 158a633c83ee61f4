// Reads one component of a version 2 manifest (spin-contract.md §1.3).
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { UserError } from '../errors.ts';
import { lowerSnakeIdProblem, storeLabelProblem } from '../identifiers.ts';
import { allowAllProblem, checkAllowedHost } from '../outbound-hosts/allowed-hosts.ts';
import { VariableError } from '../variables/error.ts';
import { knownTemplate, TEMPLATE_REMEDY } from '../variables/resolver.ts';
import { parseTemplate, templateVariables } from '../variables/template.ts';
import { convertAllowedHttpHosts } from './allowed-http-hosts.ts';
import { readTargets, readTools } from './application.ts';
import { readSource } from './content.ts';
import { readDependencies } from './dependencies.ts';
import type { BuildManifest, ComponentManifest, ComponentProfile, FilesEntry, VariableManifest } from './types.ts';

/** What reading a component needs to know of the rest of the manifest. */
export interface ReadingContext {
  readonly variables: ReadonlyMap<string, VariableManifest>;
  readonly warn: (warning: string) => void;
}

/** A component before it has its id: an inline one gets it later. */
export type ComponentBody = Omit<ComponentManifest, 'id'>;

const COMPONENT_FIELDS = [
  'source',
  'description',
  'variables',
  'environment',
  'files',
  'exclude_files',
  'allowed_http_hosts',
  'allowed_outbound_hosts',
  'key_value_stores',
  'sqlite_databases',
  'ai_models',
  'targets',
  'build',
  'tool',
  'dependencies_inherit_configuration',
  'dependencies',
  'profile',
];

export function readComponent(node: DocumentNode, context: ReadingContext): ComponentBody {
  const table = node.table(COMPONENT_FIELDS);
  const inheritAll = table.get('dependencies_inherit_configuration')?.boolean();
  const targets = table.get('targets');
  return {
    ...readSharedFields(table),
    variables: readComponentVariables(table.get('variables'), context),
    allowedOutboundHosts: readAllowedOutboundHosts(table, context),
    keyValueStores: readLabels(table.get('key_value_stores')),
    sqliteDatabases: readLabels(table.get('sqlite_databases')),
    ...(targets !== undefined && { targets: readTargets(targets) }),
    tool: readTools(table.get('tool')),
    dependencies: readDependencies(table.get('dependencies'), { inheritAll, warn: context.warn }),
    profiles: readProfiles(table.get('profile'), inheritAll, context),
  };
}

type SharedField = 'source' | 'description' | 'environment' | 'files' | 'excludeFiles' | 'aiModels' | 'build';

/** What both manifest versions have, under the same names and by the same rules. */
export function readSharedFields(table: DocumentTable): Pick<ComponentBody, SharedField> {
  const build = table.get('build');
  return {
    source: readSource(table.required('source')),
    description: table.get('description')?.string() ?? '',
    environment: readStringMap(table.get('environment')),
    files: readFiles(table.get('files')),
    excludeFiles: table.get('exclude_files')?.strings() ?? [],
    aiModels: table.get('ai_models')?.strings() ?? [],
    ...(build !== undefined && { build: readBuild(build) }),
  };
}

function readStringMap(node: DocumentNode | undefined): ReadonlyMap<string, string> {
  return node?.stringMap() ?? new Map();
}

/** Names and templates are checked now: Spin tells of a bad template only when the app starts. */
export function readComponentVariables(
  node: DocumentNode | undefined,
  { variables }: ReadingContext,
): ReadonlyMap<string, string> {
  for (const [name, value] of node?.table().entries() ?? []) {
    const problem = lowerSnakeIdProblem(name);
    if (problem !== undefined) {
      throw value.schemaError(problem, { blame: 'key', remedy: 'Variable names are lower_snake_case.' });
    }
    reportAt(value, '', () => knownTemplate(value.string(), variables));
  }
  return readStringMap(node);
}

/** Gives what a check of a text finds the place of that text. */
function reportAt<T>(node: DocumentNode, prefix: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof UserError) {
      throw node.contentError(`${prefix}${error.message}`, {
        ...(error.remedy !== undefined && { remedy: error.remedy }),
      });
    }
    throw error instanceof VariableError
      ? node.contentError(`${prefix}${error.message}`, { remedy: TEMPLATE_REMEDY })
      : error;
  }
}

function readFiles(node: DocumentNode | undefined): FilesEntry[] {
  return (node?.list() ?? []).map((item) => {
    if (typeof item.value === 'string') {
      return { kind: 'pattern', pattern: item.value };
    }
    if (!item.isTable()) {
      throw item.schemaError('an entry of `files` must be a path, a glob pattern or { source, destination }');
    }
    const table = item.table(['source', 'destination']);
    return {
      kind: 'placement',
      source: table.required('source').string(),
      destination: table.required('destination').string(),
    };
  });
}

function readAllowedOutboundHosts(table: DocumentTable, context: ReadingContext): string[] {
  const outbound = table.get('allowed_outbound_hosts');
  checkAllowedOutboundHosts(outbound, context);
  const http = table.get('allowed_http_hosts');
  const converted = convertHttpHosts(http, '`allowed_http_hosts` is malformed: ');
  if (converted.length > 0) {
    context.warn(
      'Use of the deprecated field `allowed_http_hosts` - to fix, replace `allowed_http_hosts` with ' +
        `\`allowed_outbound_hosts = ${JSON.stringify(converted)}\``,
    );
  }
  return [...(outbound?.strings() ?? []), ...converted];
}

export function checkAllowedOutboundHosts(node: DocumentNode | undefined, { variables, warn }: ReadingContext): void {
  const prefix = '`allowed_outbound_hosts` is malformed: ';
  const problem = node && allowAllProblem(node.strings());
  if (node && problem !== undefined) {
    throw node.contentError(`${prefix}${problem}`, { remedy: 'List the hosts that the component needs.' });
  }
  for (const item of node?.list() ?? []) {
    reportAt(item, prefix, () => checkAllowedHost(item.string(), variables));
    const unknown = templateVariables(parseTemplate(item.string())).find((name) => !variables.has(name));
    if (unknown !== undefined) {
      warn(
        `The allowed outbound host ${JSON.stringify(item.value)} allows nothing: ` +
          `the application has no variable ${JSON.stringify(unknown)}.`,
      );
    }
  }
}

export function convertHttpHosts(node: DocumentNode | undefined, prefix: string): readonly string[] {
  const conversion = convertAllowedHttpHosts(node?.strings() ?? []);
  if (node && conversion.kind === 'invalid') {
    throw node.contentError(`${prefix}${conversion.message}`, {
      remedy: 'Write host, host:port or http://host[:port]; or better, use `allowed_outbound_hosts`.',
    });
  }
  return conversion.kind === 'converted' ? conversion.hosts : [];
}

function readLabels(node: DocumentNode | undefined): string[] {
  return (node?.list() ?? []).map((item) => {
    const label = item.string();
    const problem = storeLabelProblem(label);
    if (problem !== undefined) {
      throw item.schemaError(problem, { remedy: 'Name a store like my-store or my_store.' });
    }
    return label;
  });
}

function readBuild(node: DocumentNode): BuildManifest {
  const table = node.table(['command', 'workdir', 'watch']);
  const workdir = table.get('workdir')?.string();
  return {
    command: readCommand(table.required('command')),
    ...(workdir !== undefined && { workdir }),
    watch: table.get('watch')?.strings() ?? [],
  };
}

function readCommand(node: DocumentNode): string | string[] {
  return Array.isArray(node.value) ? node.strings() : node.string();
}

function readProfiles(
  node: DocumentNode | undefined,
  inheritAll: boolean | undefined,
  { warn }: ReadingContext,
): ReadonlyMap<string, ComponentProfile> {
  const entries = node?.table().entries() ?? [];
  return new Map(
    entries.map(([name, profile]) => {
      const table = profile.table(['source', 'environment', 'dependencies', 'build']);
      const source = table.get('source');
      const build = table.get('build')?.table(['command']);
      return [
        name,
        {
          ...(source !== undefined && { source: readSource(source) }),
          environment: readStringMap(table.get('environment')),
          dependencies: readDependencies(table.get('dependencies'), { inheritAll, warn }),
          ...(build !== undefined && { buildCommand: readCommand(build.required('command')) }),
        },
      ];
    }),
  );
}
