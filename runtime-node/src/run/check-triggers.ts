// Refuses apps that nothing would ever run, before anything is prepared.
import { UserError, type LockedApp } from '@spindle/api';

/** Every type of trigger that can be served. */
export const TRIGGER_TYPES = ['http', 'redis', 'mqtt', 'cron', 'sqs', 'command'] as const;

export type TriggerType = (typeof TRIGGER_TYPES)[number];

/** The types of triggers that an app has. */
export function checkTriggers(locked: Pick<LockedApp, 'triggers'>): ReadonlySet<TriggerType> {
  if (locked.triggers.length === 0) {
    throw new UserError('No triggers in app', {
      code: 'SPK4021',
      field: 'trigger',
      remedy: 'Add a [[trigger.http]] to the manifest.',
    });
  }
  return new Set(locked.triggers.map(({ trigger_type: type }) => servedType(type)));
}

function servedType(type: string): TriggerType {
  const served = TRIGGER_TYPES.find((one) => one === type);
  if (served === undefined) {
    throw new UserError(`No built-in trigger named '${type}'`, {
      code: 'SPK4022',
      field: `trigger.${type}`,
      remedy: `Spindle has triggers of the types ${TRIGGER_TYPES.join(', ')}.`,
    });
  }
  return served;
}
