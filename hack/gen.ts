// Writes the generated files, or with --check fails when one is not what it would write.
// Usage: npm run gen [-- --check]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { commandReference } from '../cli/src/command-reference.ts';
import { errorReference } from '../cli/src/error-reference.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, EDITOR_SCHEMAS } from '@spindle/api';
import { dashboard } from './chart/dashboards.ts';
import { APP_PANELS, OPERATOR_PANELS } from './chart/panels.ts';
import { valuesSchema } from './chart/values-schema.ts';
import { valuesTable } from './chart/values-table.ts';
import { readChartValues, type ChartValue } from './chart/values.ts';
import { errorChapters } from './error-chapters.ts';
import { hostInterfacesReference } from './host-interfaces/reference.ts';
import { protobufMessages } from './protobuf.ts';

const ROOT = join(import.meta.dirname, '..');
const MADE_BY = 'npm run gen';
const CHART = 'charts/spindle';

/** Path to content; each content begins with the command that makes it. */
const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/reference/cli.md': () => commandReference(MADE_BY),
  'docs/reference/errors.md': () => errorReference(errorChapters, MADE_BY),
  'docs/reference/host-interfaces.md': () => hostInterfacesReference(MADE_BY),
  ...inFolder('crds', CUSTOM_RESOURCE_DEFINITIONS, asCommentedYaml),
  ...inFolder('schemas', EDITOR_SCHEMAS, asJson),
  ...inFolder('shim/src/generated', protobufMessages(MADE_BY), String),
  // Helm reads nothing outside of a chart's folder.
  ...inFolder(`${CHART}/files/crds`, CUSTOM_RESOURCE_DEFINITIONS, asCommentedYaml),
  [`${CHART}/values.schema.json`]: () => asJson(valuesSchema(chartValues())),
  [`${CHART}/README.md`]: () => valuesTable(chartValues(), MADE_BY),
  [`${CHART}/files/dashboards/operator.json`]: () =>
    asJson(dashboard('spindle-operator', 'Spindle operator', OPERATOR_PANELS)),
  [`${CHART}/files/dashboards/apps.json`]: () => asJson(dashboard('spindle-apps', 'Spin apps', APP_PANELS)),
};

const check = process.argv.includes('--check');
let stale = 0;
for (const [path, make] of Object.entries(generated)) {
  const file = join(ROOT, path);
  const content = await make();
  if (!check) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    console.log(`wrote ${path}`);
  } else if (read(file) !== content) {
    stale += 1;
    console.error(`${path} is not up to date: run "npm run gen" and commit it`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;

function inFolder(
  folder: string,
  values: Readonly<Record<string, unknown>>,
  write: (value: unknown) => string,
): Record<string, () => string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${folder}/${name}`, (): string => write(value)]),
  );
}

function chartValues(): readonly ChartValue[] {
  return readChartValues(readFileSync(join(ROOT, CHART, 'values.yaml'), 'utf8'));
}

function asCommentedYaml(value: unknown): string {
  return `# Made by "${MADE_BY}".\n${asYaml(value)}`;
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Without anchors for what occurs several times: not every reader of manifests knows them. */
function asYaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // expected: a new generated file does not exist yet
    return undefined;
  }
}
