// The cron trigger: a guest at each time of a schedule (spin-contract.md §6.3). A guest that takes longer than the time between
// two does not keep the next from being called.
import { parseCronTrigger } from '@spindle/api';
import type { App } from '../../app/app.ts';
import { findExport, type HandlerNames } from '../find-export.ts';
import { MessageCalls } from '../message-calls.ts';
import type { RunningCalls } from '../running-calls.ts';
import type { MessageTrigger } from '../trigger.ts';
import { parseSchedule, runSchedule, systemWallClock, type WallClock } from './schedule.ts';

const HANDLER: HandlerNames = { what: 'cron', served: [''], function: 'handle-cron-event' };

export function startCronTrigger(app: App, calls: RunningCalls, clock: WallClock = systemWallClock): MessageTrigger {
  const messages = new MessageCalls(calls, 'cron');
  const triggers = app.locked.triggers
    .filter(({ trigger_type }) => trigger_type === 'cron')
    .map(parseCronTrigger)
    .map((trigger) => ({
      ...trigger,
      next: parseSchedule(trigger.expression, trigger.id),
      handler: findExport(app, trigger.component, HANDLER),
    }));
  const stops = triggers.map(({ next, handler, expression }) =>
    runSchedule(
      next,
      // Not patient: events of guests that never end must not pile up without end.
      (seconds) =>
        void messages.call(handler, [{ timestamp: BigInt(seconds) }], { patient: false, name: `cron ${expression}` }),
      clock,
    ),
  );
  return {
    announcement: [
      'Active Schedules (UTC):',
      ...triggers.map(({ expression, component }) => `\t${expression}: [${component}]`),
    ],
    stopTaking: async () => stops.forEach((stop) => stop()),
    close: async () => {},
  };
}
