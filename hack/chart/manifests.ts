// deploy/install.yaml: what the chart makes without values, for those who install without Helm.
// Usage: node hack/chart/manifests.ts
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { findClusterProgram } from '../cluster/binaries.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHART = join(ROOT, 'charts/spindle');
const NAMESPACE = 'spindle';
/** CRDs and all. */
const MAX_BYTES = 16 << 20;

export const INSTALL_MANIFEST = join(ROOT, 'deploy/install.yaml');

if (import.meta.main) {
  await writeFile(INSTALL_MANIFEST, await installManifest());
}

export async function installManifest(): Promise<string> {
  const helm = await findClusterProgram('helm');
  const args = ['template', 'spindle', CHART, '--namespace', NAMESPACE, '--set', 'test.enabled=false'];
  const { stdout } = await promisify(execFile)(helm, args, { maxBuffer: MAX_BYTES });
  const objects = parseAllDocuments(stdout)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null)
    .map(withoutHelm);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  const documents = [namespace, ...objects.toSorted((a, b) => rank(a) - rank(b))];
  return [
    '# Made by "node hack/chart/manifests.ts" from charts/spindle.\n',
    ...documents.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 })),
  ].join('---\n');
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** What Helm knows its own objects by. */
function withoutHelm(object: KubernetesObject): KubernetesObject {
  const { labels = {}, annotations = {}, ...metadata } = object.metadata;
  const kept = withoutMarks(annotations);
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: withoutMarks(labels),
      ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }),
    },
  };
}

function withoutMarks(entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries).filter(([key, value]) => !key.startsWith('helm.sh/') && value !== 'Helm'),
  );
}

/** Definitions first: kubectl applies in the order of the file. */
function rank({ kind }: KubernetesObject): number {
  return kind === 'CustomResourceDefinition' ? 0 : 1;
}
