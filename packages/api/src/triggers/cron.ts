// The configuration of one cron trigger (spin-contract.md §6.3). Whether the expression is one is the scheduler's to say.
import type { LockedTrigger } from '../locked-app/types.ts';
import { parseTrigger, requiredComponent, type TriggerReader } from './component-trigger.ts';

export interface CronTrigger {
  readonly id: string;
  readonly component: string;
  /** Seconds, minutes, hours, day of the month, month, day of the week, perhaps a year. */
  readonly expression: string;
}

export const cronTrigger: TriggerReader<CronTrigger> = {
  fields: ['component', 'cron_expression'],
  read: (id, component, table) => ({
    id,
    component: requiredComponent(component, table),
    expression: table.required('cron_expression').string(),
  }),
};

export const parseCronTrigger = (trigger: LockedTrigger): CronTrigger => parseTrigger(cronTrigger, trigger);
