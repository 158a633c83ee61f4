// The chart, value by value: each has an example, and what it changes is recorded in golden/.
// `npx vitest run --project api test/chart -u` records anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readChartValues, type ChartValue } from '../../hack/chart/values.ts';
import { EXAMPLES, nested } from './examples.ts';
import { changes, CHART, render, type Manifest, type Rendered } from './render.ts';

const values = readChartValues(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
const leaves = (value: ChartValue): string[] => value.children?.flatMap(leaves) ?? [value.path.join('.')];

/** CRDs are looked at by themselves: their schemas would be in every file. */
const written = (objects: readonly Manifest[]): string =>
  objects
    .map((object) =>
      object.kind === 'CustomResourceDefinition' ? { ...object, spec: 'as in crds/' } : withoutDashboards(object),
    )
    .map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n');

/** Dashboards have a test of their own. */
function withoutDashboards(object: Manifest): object {
  return object.kind === 'ConfigMap' && object.metadata.name.endsWith('-dashboard')
    ? { ...object, data: 'dashboards' }
    : object;
}

let initial: Rendered;
beforeAll(async () => {
  initial = await render({});
});

test('without values it is what was recorded', async () => {
  await expect(written([...initial.objects.values()])).toMatchFileSnapshot('golden/default.yaml');
});

test('every value has an example', () => {
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(values.flatMap(leaves).toSorted());
});

const effective = Object.entries(EXAMPLES).filter(([, { isInert = false }]) => !isInert);
const inert = Object.entries(EXAMPLES).filter(([, { isInert = false }]) => isInert);

test.each(effective)('%s changes what was recorded', async (path, { value, beside = {} }) => {
  const before = Object.keys(beside).length === 0 ? initial : await render(nested(beside));
  const { changed, gone } = changes(before, await render(nested({ ...beside, [path]: value })));
  expect(changed.length + gone.length).toBeGreaterThan(0);
  const text = `# ${path}: ${JSON.stringify(value)}\n# gone: ${gone.join(', ') || 'nothing'}\n${written(changed)}`;
  await expect(text).toMatchFileSnapshot(`golden/${path}.yaml`);
});

test.each(inert)('%s is accepted and changes nothing', async (path, { value }) => {
  expect(changes(initial, await render(nested({ [path]: value })))).toEqual({ changed: [], gone: [] });
});

describe('what cannot be meant', () => {
  test.each([
    ['a key that does not exist', { operator: { replica: 3 } }, "additional properties 'replica' not allowed"],
    ['a value of another type', { operator: { replicas: 'three' } }, "at '/operator/replicas'"],
    ['no replica', { operator: { replicas: 0 } }, "at '/operator/replicas'"],
    ['a policy that Kubernetes has not', { webhooks: { failurePolicy: 'Maybe' } }, "at '/webhooks/failurePolicy'"],
    ['a digest that is none', { runtime: { image: { digest: 'latest' } } }, "at '/runtime/image/digest'"],
    ['an executor without createDeployment', { executors: { a: {} } }, "at '/executors/a'"],
    ['no rights and all namespaces', { rbac: { clusterRoles: false } }, 'list those of the apps in `namespaces`'],
    [
      'a budget that lets no node be drained',
      { operator: { podDisruptionBudget: { minAvailable: 2 } } },
      'no node could ever be drained',
    ],
    ['no account and no name', { serviceAccount: { create: false } }, 'say which ServiceAccount to use'],
  ])('is refused with its place: %s', async (_what, given, told) => {
    await expect(render(given)).rejects.toThrow(told);
  });
});

test('names fit into labels, however long the release is called', async () => {
  const { objects } = await render({}, { release: 'r'.repeat(53) });
  const names = [...objects.values()].filter(({ kind }) => kind !== 'CustomResourceDefinition');
  expect(names.map(({ metadata }) => metadata.name).filter((name) => name.length > 63)).toEqual([]);
});

test('every object of a namespace says which', async () => {
  const without = [...initial.objects.values()].filter(({ metadata }) => metadata.namespace === undefined);
  expect(new Set(without.map(({ kind }) => kind))).toEqual(
    new Set([
      'CustomResourceDefinition',
      'ClusterRole',
      'ClusterRoleBinding',
      'MutatingWebhookConfiguration',
      'ValidatingWebhookConfiguration',
    ]),
  );
});
