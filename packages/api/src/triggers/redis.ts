// The configuration of one Redis trigger, out of a manifest or a locked app (spin-contract.md §6.1).
import type { DocumentNode } from '../document/document-node.ts';
import type { LockedApp, LockedTrigger } from '../locked-app/types.ts';
import { globalsOf, parseTrigger, requiredComponent, type TriggerReader } from './component-trigger.ts';

/** All texts are templates over application variables. */
export interface RedisTrigger {
  readonly id: string;
  readonly component: string;
  readonly channel: string;
  /** undefined: the address of the application's trigger configuration. */
  readonly address: string | undefined;
}

export const redisTrigger: TriggerReader<RedisTrigger> = {
  fields: ['component', 'channel', 'address'],
  read: (id, component, table) => ({
    id,
    component: requiredComponent(component, table),
    channel: table.required('channel').string(),
    address: table.get('address')?.string(),
  }),
};

export const parseRedisTrigger = (trigger: LockedTrigger): RedisTrigger => parseTrigger(redisTrigger, trigger);

/** The address for triggers that have none of their own. `silent` fields are someone else's. */
export function readRedisGlobals(node: DocumentNode, silent: readonly string[] = []): string | undefined {
  const table = node.table();
  table.refuseOthers(['address'], silent);
  return table.get('address')?.string();
}

export function parseRedisGlobals(locked: Pick<LockedApp, 'metadata'>): string | undefined {
  const node = globalsOf(locked, 'redis');
  return node && readRedisGlobals(node);
}
