// wasi:clocks 0.2 and 0.3 (spin-contract.md §4.11).
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { systemClock, type Clock } from './clock.ts';
import { asyncClocks, monotonicClock, wallClock } from './host.ts';

export function clocksOn(clock: Clock): HostCapability<undefined, ReadonlyMap<string, HostInterface<Guest>>> {
  return {
    id: 'wasi-clocks',
    interfaces: [
      'wasi:clocks/monotonic-clock@0.2.12',
      'wasi:clocks/wall-clock@0.2.12',
      'wasi:clocks/monotonic-clock@0.3.0',
      'wasi:clocks/system-clock@0.3.0',
      'wasi:clocks/types@0.3.0',
    ],
    configKeys: [],
    parse: () => undefined,
    open: async () =>
      new Map([
        ['wasi:clocks/monotonic-clock@0.2.12', monotonicClock(clock)],
        ['wasi:clocks/wall-clock@0.2.12', wallClock(clock)],
        ...asyncClocks(clock),
      ]),
    bind: (interfaces) => interfaces,
  };
}

export const wasiClocks = clocksOn(systemClock);
