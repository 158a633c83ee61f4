// What Helm makes of the chart, as objects.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { findClusterProgram } from '../../hack/cluster/binaries.ts';

const run = promisify(execFile);
export const CHART = join(import.meta.dirname, '../../charts/spindle');

/** Rendered manifests are larger than what execFile keeps by itself. */
const MAX_BYTES = 16 << 20;

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
}

export interface Rendered {
  /** By kind, namespace and name. */
  readonly objects: ReadonlyMap<string, Manifest>;
}

/** Fails with what Helm says. */
export async function render(values: object, { release = 'spindle', namespace = 'spindle' } = {}): Promise<Rendered> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-chart-'));
  try {
    const file = join(folder, 'values.json');
    await writeFile(file, JSON.stringify(values));
    const helm = await findClusterProgram('helm');
    const args = ['template', release, CHART, '--namespace', namespace, '--values', file];
    const { stdout } = await run(helm, args, {
      maxBuffer: MAX_BYTES,
      env: { ...process.env, HELM_CACHE_HOME: folder },
    });
    return { objects: objectsOf(stdout) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function objectsOf(text: string): Map<string, Manifest> {
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);
  return new Map(objects.map((object) => [idOf(object), object]));
}

export const idOf = ({ kind, metadata: { namespace = '', name } }: Manifest): string => `${kind} ${namespace}/${name}`;

/** Objects that are other than before, and those that are gone. */
export function changes(before: Rendered, after: Rendered): { changed: Manifest[]; gone: string[] } {
  return {
    changed: [...after.objects].flatMap(([id, object]) =>
      JSON.stringify(before.objects.get(id)) === JSON.stringify(object) ? [] : [object],
    ),
    gone: [...before.objects.keys()].filter((id) => !after.objects.has(id)),
  };
}
