// The text format of Prometheus, by prom-client; loaded only by processes whose metrics somebody may ask for.
import { AggregatorRegistry } from 'prom-client';
import type { MetricFamily } from './families.ts';

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** Sums up samples of equal labels. */
export async function expose(families: readonly MetricFamily[]): Promise<Exposition> {
  const registry = AggregatorRegistry.aggregate([families]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}
