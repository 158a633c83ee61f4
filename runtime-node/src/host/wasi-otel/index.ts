// wasi:otel (spin-contract.md §4.12), for those who ask for it: telemetry of the guest's own to the collector of the host.
import type { HostInterface } from '../../component/index.ts';
import type { GuestSignals } from '../../telemetry/guest-signals.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { logs } from './logs.ts';
import { metrics } from './metrics.ts';
import { tracing } from './tracing.ts';

type Interfaces = ReadonlyMap<string, HostInterface<Guest>>;

const TRACING = 'wasi:otel/tracing@0.2.0-rc.2';
const METRICS = 'wasi:otel/metrics@0.2.0-rc.2';
const LOGS = 'wasi:otel/logs@0.2.0-rc.2';
const TYPES = 'wasi:otel/types@0.2.0-rc.2';

export const wasiOtel = (signals: GuestSignals): HostCapability<undefined, Interfaces> => ({
  id: 'wasi-otel',
  interfaces: [TRACING, METRICS, LOGS, TYPES],
  configKeys: [],
  parse: () => undefined,
  open: async () =>
    new Map([
      [TRACING, tracing],
      [METRICS, metrics(signals)],
      [LOGS, logs(signals)],
      [TYPES, { functions: {}, resources: {} }],
    ]),
  bind: (interfaces) => interfaces,
});
