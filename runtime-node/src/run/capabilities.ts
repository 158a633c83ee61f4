// Every host capability of this version, in the order in which they open.
import { capabilities } from '../host/index.ts';
import { httpCapability, type HttpConfig } from '../host/http/index.ts';
import type { HostCapability } from '../host/capability.ts';

/** `warn` takes one line for the operator; `threads` is how many serve the same app. */
export const hostCapabilities = (
  warn: (message: string) => void,
  env: Readonly<Record<string, string | undefined>>,
  threads = 1,
): readonly HostCapability<unknown, object>[] => {
  const h2cAuthority = env['SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE'];
  const http = httpCapability({ warn, ...(h2cAuthority === undefined ? {} : { h2cAuthority }) });
  return [...capabilities, { ...http, parse: (raw) => shareConnections(http.parse(raw), threads) }];
};

/** Each thread has connections of its own; together they keep to the limits of the app, as long as each has one. */
function shareConnections(config: HttpConfig, threads: number): HttpConfig {
  const share = (limit: number | undefined): number | undefined =>
    limit === undefined ? undefined : Math.max(1, Math.floor(limit / threads));
  return {
    ...config,
    maxConnections: share(config.maxConnections),
    network: { ...config.network, maxTotalConnections: share(config.network.maxTotalConnections) },
  };
}
