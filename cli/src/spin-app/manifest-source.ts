// Whether `--from` names Kubernetes manifests. Loaded by every `up`, so it reads none of them.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Console } from '../console.ts';
import { appWithoutFile } from '../errors.ts';
import { mayHoldManifests } from '../kubernetes-file.ts';

/** Where the manifests come from. */
export type ManifestSource = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'stdin' };

/** Undefined when `from` names something else; whether that exists is not asked here. */
export async function manifestSource(from: string | undefined, { cwd }: Console): Promise<ManifestSource | undefined> {
  if (from === '-') {
    return { kind: 'stdin' };
  }
  if (from === undefined || !mayHoldManifests(from)) {
    return undefined;
  }
  const path = resolve(cwd, from);
  const found = await stat(path).catch(() => undefined); // expected: a reference may look like a file's name
  return found?.isFile() ? { kind: 'file', path } : undefined;
}

/** `--app` chooses in a file of manifests; elsewhere it would silently do nothing. */
export function refuseAppFlag(app: string | undefined): void {
  if (app !== undefined) {
    throw appWithoutFile();
  }
}
