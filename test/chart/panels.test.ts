import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { APP_PANELS, OPERATOR_PANELS, type Panel } from '../../hack/chart/panels.ts';

const ROOT = join(import.meta.dirname, '../..');
const source = (...files: string[]): string => files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');

const METRICS = 'operator/src/operations/metrics';
const operator = source(
  ...['app-metrics', 'client-metrics', 'metrics', 'reconcile-metrics', 'state-metrics'].map(
    (name) => `${METRICS}/${name}.ts`,
  ),
);
const runtime = source('runtime-node/src/metrics/families.ts');

/** Of prom-client, in the operator. */
const LIBRARY = ['process_resident_memory_bytes'];
const FUNCTIONS = /\b(sum|max|by|rate|histogram_quantile|absent|or|le|on)\b/g;

/** Names within an expression that are no function and no label. */
function metricsOf(expression: string): string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\bby \([^)]*\)/g, '')
    .replaceAll(FUNCTIONS, '');
  return [...bare.matchAll(/[a-z_]{4,}/g)].map(([name]) => name.replace(/_bucket$/, ''));
}

const expressions = (panels: readonly Panel[]): string[] => panels.flatMap(({ lines }) => Object.values(lines));

describe('dashboards and alerts', () => {
  test.each(expressions(OPERATOR_PANELS))('show what the operator counts: %s', (expression) => {
    const missing = metricsOf(expression).filter((metric) => !operator.includes(`'${metric}'`));
    expect(missing.filter((metric) => !LIBRARY.includes(metric))).toEqual([]);
  });

  test.each(expressions(APP_PANELS))('show what the runtime counts: %s', (expression) => {
    expect(metricsOf(expression).filter((metric) => !runtime.includes(`'${metric}'`))).toEqual([]);
  });

  test('look at what the operator counts', () => {
    const alerts = parse(source('charts/spindle/files/alerts.yaml')) as {
      groups: { rules: { alert: string; expr: string }[] }[];
    };
    const metrics = alerts.groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => metricsOf(expr)));
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((metric) => !operator.includes(`'${metric}'`))).toEqual([]);
  });
});
