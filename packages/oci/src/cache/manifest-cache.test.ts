import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseReference } from '../reference.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { ManifestCache } from './manifest-cache.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;

test.each([
  ['ghcr.io/me/app:v1', 'manifests/ghcr.io/me/app/v1/manifest.json'],
  ['app', 'manifests/docker.io/library/app/latest/manifest.json'],
  ['127.0.0.1:5000/me/app', 'manifests/127.0.0.1:5000/me/app/latest/manifest.json'],
  [`ghcr.io/me/app@${DIGEST}`, `manifests/ghcr.io/me/app/${DIGEST}/manifest.json`],
  [`ghcr.io/me/app:v1@${DIGEST}`, `manifests/ghcr.io/me/app/${DIGEST}/manifest.json`],
])('the manifest of %s stands in %s', async (reference, path) => {
  const root = await tempDir();
  const cache = new ManifestCache(root);
  expect(await cache.read(parseReference(reference), 'manifest.json')).toBeUndefined();
  await cache.write(parseReference(reference), 'manifest.json', Buffer.from('{}'));
  expect(await cache.read(parseReference(reference), 'manifest.json')).toEqual(Buffer.from('{}'));
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))).toEqual([
    join(root, path),
  ]);
});
