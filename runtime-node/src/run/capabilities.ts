// Every host capability of this version, in the order in which they open.
import { capabilities } from '../host/index.ts';
import { httpCapability } from '../host/http/index.ts';
import type { HostCapability } from '../host/capability.ts';

/** `threads` is how many serve the same app. */
export const hostCapabilities = (
  env: Readonly<Record<string, string | undefined>>,
  threads = 1,
): readonly HostCapability<unknown, object>[] => {
  const h2cAuthority = env['SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE'];
  return [...capabilities, httpCapability({ threads, ...(h2cAuthority === undefined ? {} : { h2cAuthority }) })];
};
