// Triggers between reading and normalisation: ids may be missing, components may be written inline (§1.5).
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { type ComponentBody, readComponent, type ReadingContext } from './component.ts';
import { readComponentId, readTriggerDependencies } from './dependencies.ts';
import { toTomlTable } from './toml-table.ts';
import type { TomlTable, TriggerDependency } from './types.ts';

export interface TriggerDraft {
  readonly node: DocumentNode;
  readonly type: string;
  /** undefined: to be made up. */
  readonly id: string | undefined;
  readonly component: ComponentSpec | undefined;
  readonly components: ReadonlyMap<string, readonly ComponentSpec[]>;
  readonly dependencies: ReadonlyMap<string, readonly TriggerDependency[]>;
  /** What the trigger's own configuration stands in; COMMON_FIELDS in it are not the trigger's. */
  readonly fields: DocumentTable;
  readonly config: TomlTable;
}

export type ComponentSpec = ComponentReference | { readonly kind: 'inline'; readonly body: ComponentBody };

export interface ComponentReference {
  readonly kind: 'reference';
  readonly id: string;
  readonly node: DocumentNode;
}

/** Fields of `[[trigger.<type>]]` that mean the same for every type. */
export const COMMON_FIELDS = ['id', 'component', 'components', 'dependencies'];

export function readTriggers(node: DocumentNode, context: ReadingContext): TriggerDraft[] {
  return node
    .table()
    .entries()
    .flatMap(([type, list]) => readTriggersOfType(type, list, context));
}

function readTriggersOfType(type: string, node: DocumentNode, context: ReadingContext): TriggerDraft[] {
  if (node.isTable()) {
    throw node.schemaError('invalid type: map, expected a sequence', {
      remedy: `Write [[trigger.${type}]] with two brackets: an app may have several.`,
    });
  }
  return node.list().map((item) => readTrigger(type, item, context));
}

function readTrigger(type: string, node: DocumentNode, context: ReadingContext): TriggerDraft {
  const table = node.table();
  const component = table.get('component');
  const roles = table.get('components')?.table().entries() ?? [];
  return {
    node,
    type,
    id: table.get('id')?.string() || undefined, // Spin takes an empty id as none
    component: component && readComponentSpec(component, context),
    components: new Map(roles.map(([role, specs]) => [role, readComponentSpecs(specs, context)])),
    dependencies: readTriggerDependencies(table.get('dependencies'), context.warn),
    fields: table,
    config: toTomlTable(node, COMMON_FIELDS),
  };
}

function readComponentSpecs(node: DocumentNode, context: ReadingContext): ComponentSpec[] {
  const nodes = Array.isArray(node.value) ? node.list() : [node];
  return nodes.map((one) => readComponentSpec(one, context));
}

function readComponentSpec(node: DocumentNode, context: ReadingContext): ComponentSpec {
  return node.isTable()
    ? { kind: 'inline', body: readComponent(node, context) }
    : { kind: 'reference', id: readComponentId(node), node };
}
