// The metrics endpoint with all that belongs to it, as the flags say.
import { Server as TlsServer } from 'node:tls';
import type { Clock, KubeClient } from '@spindle/kube';
import { AccessReviewer } from './access-review.ts';
import type { Flags } from './flags.ts';
import { close, listen } from './listening.ts';
import type { Log } from './log.ts';
import { metricsCertificate } from './metrics-certificate.ts';
import { metricsServer } from './metrics-server.ts';
import type { Metrics } from './metrics/metrics.ts';

export interface ServeMetricsOptions {
  readonly flags: Flags;
  readonly metrics: Metrics;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** The answer ends it. */
export async function serveMetrics({
  flags,
  metrics,
  client,
  clock,
  log,
}: ServeMetricsOptions): Promise<() => Promise<void>> {
  const address = flags['metrics-bind-address'];
  if (address === undefined) {
    return () => Promise.resolve();
  }
  const onError = (error: unknown): void => log.warn({ error }, 'metrics not served');
  const isSecure = flags['metrics-secure'];
  const certificate = isSecure ? await metricsCertificate(flags, clock, metrics.certificateFiles) : undefined;
  const reviewer = new AccessReviewer(client, clock);
  const server = metricsServer({
    registry: metrics.registry,
    onError,
    secure:
      certificate === undefined
        ? undefined
        : {
            pair: certificate.pair,
            http2: flags['enable-http2'],
            review: (authorization, path) => reviewer.review(authorization, path),
          },
  });
  const unfollow = certificate?.follow((pair) => {
    if (server instanceof TlsServer) {
      server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
    }
  }, onError);
  const port = await listen(server, address, 'metrics-bind-address');
  log.info({ port, secure: isSecure }, 'metrics served');
  return async () => {
    unfollow?.();
    await close(server);
  };
}
