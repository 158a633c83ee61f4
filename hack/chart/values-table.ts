// The chart's README: every value in one table.
import type { ChartValue } from './values.ts';

export function valuesTable(values: readonly ChartValue[], madeBy: string): string {
  const rows = values.flatMap(rowsOf);
  return [
    `<!-- Made by "${madeBy}" from values.yaml. -->`,
    '',
    '# The chart spindle',
    '',
    'Installs the operator, its CRDs, its webhooks and its roles. [docs/guides/install.md](../../docs/guides/install.md) goes through it.',
    '',
    '```sh',
    'helm install spindle charts/spindle --namespace spindle --create-namespace --wait',
    '```',
    '',
    '| value | default | |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function rowsOf({ path, description, initial, children }: ChartValue): string[] {
  if (children !== undefined) {
    return children.flatMap(rowsOf);
  }
  return [`| \`${path.join('.')}\` | \`${JSON.stringify(initial)}\` | ${description.replaceAll('|', '\\|')} |`];
}
