// Every host capability of this version, in the order in which they open.
import { capabilities } from '../host/index.ts';
import { httpCapability } from '../host/http/index.ts';
import type { HostCapability } from '../host/capability.ts';

/** `warn` takes one line for the operator. */
export const hostCapabilities = (
  warn: (message: string) => void,
  env: Readonly<Record<string, string | undefined>>,
): readonly HostCapability<unknown, object>[] => {
  const h2cAuthority = env['SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE'];
  return [...capabilities, httpCapability({ warn, ...(h2cAuthority === undefined ? {} : { h2cAuthority }) })];
};
