import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findClusterProgram } from '../../hack/cluster/binaries.ts';
import { INSTALL_MANIFEST, installManifest } from '../../hack/chart/manifests.ts';

const kinds = (text: string): string[] =>
  parseAllDocuments(text)
    .map((document) => (document.toJS() as { kind: string } | null)?.kind ?? '')
    .filter((kind) => kind !== '')
    .toSorted();

test('deploy/install.yaml is what the chart makes (node hack/chart/manifests.ts writes it)', async () => {
  expect(await readFile(INSTALL_MANIFEST, 'utf8')).toBe(await installManifest());
});

test('deploy is a base for kustomize with the same objects', async () => {
  const kubectl = await findClusterProgram('kubectl');
  const { stdout } = await promisify(execFile)(kubectl, ['kustomize', dirname(INSTALL_MANIFEST)], {
    maxBuffer: 16 << 20,
  });
  expect(kinds(stdout)).toEqual(kinds(await readFile(INSTALL_MANIFEST, 'utf8')));
});
