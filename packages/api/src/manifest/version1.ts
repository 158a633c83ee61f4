// Version 1 manifests, in the terms of version 2 (spin-contract.md §1.4).
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { kebabIdProblem } from '../identifiers.ts';
import { readVariables } from './application.ts';
import {
  checkAllowedOutboundHosts,
  type ComponentBody,
  convertHttpHosts,
  readComponentVariables,
  type ReadingContext,
  readSharedFields,
} from './component.ts';
import type { ManifestDraft } from './draft.ts';
import { toTomlTable } from './toml-table.ts';
import type { ComponentReference, TriggerDraft } from './trigger-draft.ts';

const MANIFEST_FIELDS = [
  'spin_manifest_version',
  'spin_version',
  'name',
  'version',
  'description',
  'authors',
  'trigger',
  'variables',
  'component',
];
const COMPONENT_FIELDS = [
  'id',
  'source',
  'trigger',
  'description',
  'config',
  'environment',
  'files',
  'exclude_files',
  'allowed_http_hosts',
  'allowed_outbound_hosts',
  'key_value_stores',
  'sqlite_databases',
  'ai_models',
  'build',
];
/** What every component could reach before `allowed_outbound_hosts` was thought of. */
const DATABASES = ['redis://*:*', 'mysql://*:*', 'postgres://*:*'];

export function readVersion1(root: DocumentNode, warn: (warning: string) => void): ManifestDraft {
  const table = root.table(MANIFEST_FIELDS);
  const trigger = table.required('trigger');
  const type = trigger.table().required('type').string();
  const variables = readVariables(table.get('variables'));
  const context = { variables, warn };
  const components = new Map<string, ComponentBody>();
  const triggers = (table.get('component')?.list() ?? []).map((node): TriggerDraft => {
    const fields = node.table(COMPONENT_FIELDS);
    const idNode = fields.required('id');
    const id = readId(idNode);
    if (components.has(id)) {
      throw idNode.contentError(`duplicate component id ${JSON.stringify(id)}`, {
        remedy: 'Give each an id of its own.',
      });
    }
    components.set(id, readComponentV1(fields, context));
    return readTriggerV1(type, { kind: 'reference', id, node: idNode }, fields.required('trigger'));
  });
  return {
    application: {
      name: table.required('name').string(),
      version: table.get('version')?.string() ?? '',
      description: table.get('description')?.string() ?? '',
      authors: table.get('authors')?.strings() ?? [],
      targets: [],
      trigger: new Map([[type, toTomlTable(trigger, ['type'])]]),
      tool: new Map(),
    },
    globalTriggers: new Map([[type, trigger]]),
    variables,
    triggers,
    components,
  };
}

/** Old ids may be snake_case or mixedCase. */
function readId(node: DocumentNode): string {
  const id = node.string();
  if (kebabIdProblem(id) === undefined) {
    return id;
  }
  const kebab = id.replaceAll('_', '-').toLowerCase();
  const problem = kebabIdProblem(kebab);
  if (problem !== undefined) {
    throw node.contentError(`invalid component id ${JSON.stringify(kebab)}: ${problem}`, {
      remedy: 'Component ids are kebab-case, such as my-component.',
    });
  }
  return kebab;
}

function readTriggerV1(type: string, component: ComponentReference, node: DocumentNode): TriggerDraft {
  return {
    node,
    type,
    id: `trigger-${component.id}`,
    component,
    components: new Map(),
    dependencies: new Map(),
    fields: node.table(),
    config: toTomlTable(node),
  };
}

function readComponentV1(table: DocumentTable, context: ReadingContext): ComponentBody {
  return {
    ...readSharedFields(table),
    variables: readComponentVariables(table.get('config'), context),
    allowedOutboundHosts: readHosts(table, context),
    keyValueStores: table.get('key_value_stores')?.strings() ?? [],
    sqliteDatabases: table.get('sqlite_databases')?.strings() ?? [],
    tool: new Map(),
    dependencies: new Map(),
    profiles: new Map(),
  };
}

function readHosts(table: DocumentTable, context: ReadingContext): string[] {
  const outbound = table.get('allowed_outbound_hosts');
  checkAllowedOutboundHosts(outbound, context);
  const http = convertHttpHosts(table.get('allowed_http_hosts'), '');
  return [...(outbound?.strings() ?? DATABASES), ...http];
}
