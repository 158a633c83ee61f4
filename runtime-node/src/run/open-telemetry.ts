// The telemetry of a run; loaded only where the environment asks for it.
import type { MeterTotals } from '../metrics/totals.ts';
import { openExporter, type Exporter } from '../telemetry/export/exporter.ts';
import { HISTOGRAMS } from '../telemetry/instruments.ts';
import type { Counted, Measured, MetricName } from '../telemetry/export/metrics.ts';
import type { TelemetrySettings } from '../telemetry/settings.ts';
import type { RunOptions } from './options.ts';

/** `refresh` brings the totals up to date. */
export async function openTelemetry(
  { locked, variableEnv, version = '0.0.0', note }: Pick<RunOptions, 'locked' | 'variableEnv' | 'version' | 'note'>,
  settings: TelemetrySettings,
  totals: MeterTotals,
  refresh: () => Promise<void>,
): Promise<Exporter> {
  for (const warning of settings.warnings) {
    note(warning);
  }
  const app = locked.metadata?.name ?? 'app';
  return openExporter({
    settings,
    env: variableEnv,
    version,
    note,
    source: async () => {
      await refresh();
      return spinMetrics(totals, app);
    },
  });
}

/** With Spin's names and attributes (spin-contract.md §8.1). */
export function spinMetrics(totals: MeterTotals, app: string): Measured {
  const requests = [...totals.requests].map(([component, { classes }]) => ({
    value: classes.reduce((sum, count) => sum + count, 0),
    attributes: { trigger_type: 'http', app_id: app, component_id: component },
  }));
  const messages = Map.groupBy(totals.messages.values(), ({ component, trigger }) =>
    JSON.stringify([trigger, component]),
  );
  const counted = [...messages].map(([key, outcomes]) => {
    const [trigger = '', component = ''] = JSON.parse(key) as string[];
    return {
      value: outcomes.reduce((sum, { count }) => sum + count, 0),
      attributes: { trigger_type: trigger, app_id: app, component_id: component },
    };
  });
  const inferences = [...totals.hostCalls.values()]
    .filter(({ model }) => model !== '')
    .map(({ model, count }) => ({ value: count, attributes: { model_name: model } }));
  const { counters, histograms } = totals.instruments;
  const connections = Map.groupBy(counters, ({ name }) => name);
  return {
    counters: new Map<MetricName, readonly Counted[]>([
      ['spin.request_count', [...requests, ...counted]],
      ['spin.llm_infer', summed(inferences)],
      ...[...connections].map(
        ([name, equal]) => [name, equal.map(({ attributes, count }) => ({ attributes, value: count }))] as const,
      ),
    ]),
    histograms: histograms.map((histogram) => ({ ...histogram, bounds: HISTOGRAMS[histogram.name] })),
  };
}

/** One of each attributes: an instrument takes the last of several. */
const summed = (counts: readonly Counted[]): Counted[] =>
  [...Map.groupBy(counts, ({ attributes }) => JSON.stringify(attributes)).values()].map((equal) => ({
    attributes: equal[0]?.attributes ?? {},
    value: equal.reduce((sum, { value }) => sum + value, 0),
  }));
