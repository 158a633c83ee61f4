// The configuration of one Redis trigger, out of a manifest or a locked app (spin-contract.md §6.1).
import type { DocumentTable } from '../document/document-node.ts';
import { nodeOf } from '../document/json-document.ts';
import type { LockedTrigger } from '../locked-app/types.ts';

/** All texts are templates over application variables. */
export interface RedisTrigger {
  readonly id: string;
  readonly component: string;
  readonly channel: string;
  /** undefined: the address of the application's trigger configuration. */
  readonly address: string | undefined;
}

const FIELDS = ['component', 'channel', 'address'];

export function parseRedisTrigger(trigger: LockedTrigger): RedisTrigger {
  const node = nodeOf(trigger.trigger_config, ['triggers', trigger.id, 'trigger_config'], 'SPK1009');
  const table = node.table(FIELDS);
  return readRedisTrigger(trigger.id, table.get('component')?.string(), table);
}

/** Fields that are not the Redis trigger's must have been refused before. */
export function readRedisTrigger(id: string, component: string | undefined, table: DocumentTable): RedisTrigger {
  if (component === undefined) {
    throw table.node.schemaError('missing field `component`', { remedy: 'Add `component = "<id>"`.' });
  }
  return {
    id,
    component,
    channel: table.required('channel').string(),
    address: table.get('address')?.string(),
  };
}

export function refuseUnknownRedisFields(table: DocumentTable, common: readonly string[]): void {
  table.refuseOthers(FIELDS, common);
}
