// Every host capability of this version, in the order in which they open.
import { capabilities } from '../host/index.ts';
import { httpCapability } from '../host/http/index.ts';
import { wasiOtel } from '../host/wasi-otel/index.ts';
import type { HostCapability } from '../host/capability.ts';
import type { GuestSignals } from '../telemetry/guest-signals.ts';

export interface CapabilityOptions {
  /** Present: guests may import wasi:otel, which is not settled yet. */
  readonly guestSignals?: GuestSignals;
}

export const hostCapabilities = (
  env: Readonly<Record<string, string | undefined>>,
  { guestSignals }: CapabilityOptions = {},
): readonly HostCapability<unknown, object>[] => {
  const h2cAuthority = env['SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE'];
  return [
    ...capabilities,
    httpCapability(h2cAuthority === undefined ? {} : { h2cAuthority }),
    ...(guestSignals === undefined ? [] : [wasiOtel(guestSignals)]),
  ];
};
