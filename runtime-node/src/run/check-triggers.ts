// Refuses apps that nothing would ever run, before anything is prepared.
import { UserError, type LockedApp } from '@spindle/api';

/** Only HTTP is served by this version. */
export function checkTriggers(locked: LockedApp): void {
  if (locked.triggers.length === 0) {
    throw new UserError('No triggers in app', {
      code: 'SPK4021',
      field: 'trigger',
      remedy: 'Add a [[trigger.http]] to the manifest.',
    });
  }
  const other = locked.triggers.find(({ trigger_type }) => trigger_type !== 'http');
  if (other !== undefined) {
    throw new UserError(`No built-in trigger named '${other.trigger_type}'`, {
      code: 'SPK4022',
      field: `trigger.${other.trigger_type}`,
      remedy: 'This version of Spindle serves http triggers.',
    });
  }
}
