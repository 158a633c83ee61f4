// The applications that Spin was recorded pushing: loaded and planned by us, they become the same locked app and layers.
import { join } from 'node:path';
import type { ContentPath, LockedApp } from '@spindle/api';
import { planPush, readPushContent, type LocalFile, type PushPlan } from '@spindle/oci';
import { expect, test } from 'vitest';
import { pushFolder, recordedManifests, recordedPushes } from './fixtures/recorded.ts';
import { makeTree, temporaryFolder } from './fixtures/tree.ts';
import { loadApp } from './load-app.ts';

const pushes = await recordedPushes();
const manifests = await recordedManifests();
const minimal = manifests['minimal']?.manifest ?? '';
const withFiles = `${minimal}files=[{source="assets",destination="/"},"big.txt"]\n`;

const cases: readonly (readonly [name: string, manifest: string, archive: boolean])[] = [
  ['minimal', minimal, false],
  ['files', `${withFiles}exclude_files=["assets/skip.txt"]\n`, false],
  ['files-archive', withFiles, true],
  ['many', manifests['many']?.manifest ?? '', false],
  ['same-wasm-twice', manifests['same-wasm-twice']?.manifest ?? '', false],
];

/** Of the component that was pushed; ours is another one. */
const HELLO = { digest: 'sha256:b3daeebe298de949299bdc11fa552b32237d70ec32737b24984adce17b59019e', size: 73_644 };

async function plan(manifest: string, archive: boolean, annotations = {}): Promise<PushPlan> {
  const root = await makeTree(await temporaryFolder(), { ...(await pushFolder()), 'spin.toml': manifest });
  const loaded = await loadApp(
    { kind: 'manifest', path: join(root, 'spin.toml') },
    { workDir: join(root, 'work'), cacheDir: join(root, 'cache') },
  );
  const content = await readPushContent(loaded.locked);
  const wasm = new Map([...content.wasm].map(([url, file]): [string, LocalFile] => [url, { ...file, ...HELLO }]));
  return planPush({ ...content, wasm }, { compose: true, archive, annotations, created: new Date(0) });
}

const byPath = (a: ContentPath, b: ContentPath): number => (a.path < b.path ? -1 : 1);

/** The order in which the system lists a directory is no part of the app. */
function sortedFiles(locked: LockedApp): unknown {
  const components = locked.components.map((component) =>
    component.files === undefined ? component : { ...component, files: component.files.toSorted(byPath) },
  );
  return JSON.parse(JSON.stringify({ ...locked, components }));
}

test.each(cases)('%s has the locked app that Spin stored', async (name, manifest, archive) => {
  const { locked } = await plan(manifest, archive);
  const recorded = pushes[name]?.lockedApp;
  expect(recorded).toBeDefined();
  expect(sortedFiles(locked)).toEqual(recorded && sortedFiles(recorded));
});

test.each(cases)('%s has the layers that Spin pushed, in the same order', async (name, manifest, archive) => {
  const layers = (await plan(manifest, archive)).layers.map((layer) =>
    layer.kind === 'archive' ? { mediaType: layer.mediaType } : layer.descriptor,
  );
  // With files, the digests of the archive and of the locked app depend on the order of files; else all are equal.
  const dependsOnOrder = (mediaType: string): boolean =>
    name.startsWith('files') && /tar\+gzip$|application\.v1\+config$/.test(mediaType);
  const comparable = (layer: { mediaType: string }): unknown =>
    dependsOnOrder(layer.mediaType) ? layer.mediaType : layer;
  expect(layers.map(comparable)).toEqual(pushes[name]?.manifest.layers.map(comparable));
});

test.each(cases)('%s has the annotations that Spin wrote', async (name, manifest, archive) => {
  const { annotations } = await plan(manifest, archive, name === 'many' ? { k: 'v' } : {});
  const created = 'org.opencontainers.image.created';
  expect({ ...annotations, [created]: '' }).toEqual({ ...pushes[name]?.manifest.annotations, [created]: '' });
});
