// Where a thread that serves an app finds what goes on in it.
import type { App } from '../app/app.ts';
import type { InstanceState, MeterSources } from '../metrics/meters.ts';
import type { RunningCalls } from '../triggers/running-calls.ts';

export function meterSources(app: App, calls: Pick<RunningCalls, 'waiting' | 'suspended'>): MeterSources {
  const components = [...app.components];
  return {
    gauges: () => {
      const suspended = calls.suspended();
      const instances = components.flatMap(([component, { linked }]) => {
        const count = (state: InstanceState, value: number) => ({ component, state, count: value });
        return [count('free', linked.instances.free), count('suspended', suspended.get(component) ?? 0)];
      });
      return { queue: calls.waiting, instances };
    },
    resets: () => components.map(([component, { linked }]) => ({ component, count: linked.instances.resets })),
    dropped: () =>
      components.flatMap(
        ([
          component,
          {
            linked: { instances },
          },
        ]) => [
          { component, reason: 'Failed', count: instances.failed },
          { component, reason: 'NotReset', count: instances.notReset },
        ],
      ),
  };
}
