// `/metrics` of a run; loaded only where it is asked for.
import { metricFamilies } from '../metrics/families.ts';
import { processFacts } from '../metrics/process-facts.ts';
import { expose } from '../metrics/registry.ts';
import { serveMetrics, type MetricsServer } from '../metrics/server.ts';
import type { MeterTotals } from '../metrics/totals.ts';
import type { ListenAddress } from '../triggers/http/address.ts';

/** `refresh` brings the totals up to date. */
export const serveTotals = (
  address: ListenAddress,
  totals: MeterTotals,
  refresh: () => Promise<void>,
): Promise<MetricsServer> =>
  serveMetrics(address, async () => {
    await refresh();
    return expose(metricFamilies(totals, processFacts()));
  });
