// The configuration of one command trigger (spin-contract.md §6.5).
import type { LockedTrigger } from '../locked-app/types.ts';
import { parseTrigger, requiredComponent, type TriggerReader } from './component-trigger.ts';

export interface CommandTrigger {
  readonly id: string;
  readonly component: string;
}

export const commandTrigger: TriggerReader<CommandTrigger> = {
  fields: ['component'],
  read: (id, component, table) => ({ id, component: requiredComponent(component, table) }),
};

export const parseCommandTrigger = (trigger: LockedTrigger): CommandTrigger => parseTrigger(commandTrigger, trigger);
