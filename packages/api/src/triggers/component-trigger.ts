// What the configurations of all triggers that call one component have in common (spin-contract.md §1.5, §6).
import type { DocumentNode, DocumentTable } from '../document/document-node.ts';
import { nodeOf } from '../document/json-document.ts';
import type { LockedApp, LockedTrigger } from '../locked-app/types.ts';

/** How one type of trigger reads its table, wherever it stands. */
export interface TriggerReader<Config> {
  readonly fields: readonly string[];
  /** Fields that are not the trigger's must have been refused before. */
  read(id: string, component: string | undefined, table: DocumentTable): Config;
}

/** From a locked app. */
export function parseTrigger<Config>(reader: TriggerReader<Config>, trigger: LockedTrigger): Config {
  const node = nodeOf(trigger.trigger_config, ['triggers', trigger.id, 'trigger_config'], 'SPK1009');
  const table = node.table(reader.fields);
  return reader.read(trigger.id, table.get('component')?.string(), table);
}

export function requiredComponent(component: string | undefined, table: DocumentTable): string {
  if (component === undefined) {
    throw table.node.schemaError('missing field `component`', { remedy: 'Add `component = "<id>"`.' });
  }
  return component;
}

/** `[application.trigger.<type>]` of a locked app; undefined when there is none. */
export function globalsOf({ metadata }: Pick<LockedApp, 'metadata'>, type: string): DocumentNode | undefined {
  const globals = metadata?.triggers?.[type];
  if (globals !== undefined) {
    return nodeOf(globals, ['metadata', 'triggers', type], 'SPK1009');
  }
  // As apps of version 1 have it.
  const { type: single, ...fields } = metadata?.trigger ?? {};
  return single === type && Object.keys(fields).length > 0
    ? nodeOf(fields, ['metadata', 'trigger'], 'SPK1009')
    : undefined;
}
