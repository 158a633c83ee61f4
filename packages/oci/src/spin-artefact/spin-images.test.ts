// Reads the images that Spin stored (fixtures/spin-push.json): the same locked apps and files, the component replaced
// by a small one, the archive with its end cut off as Spin leaves it.
import { readFile } from 'node:fs/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { LockedApp } from '@spindle/api';
import { digestOf } from '../digest.ts';
import { ARCHIVE_LAYER, DATA_LAYER, OCI_IMAGE_CONFIG, SPIN_APPLICATION, WASM_LAYER } from '../media-types.ts';
import { impatient, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { image, type Image, serveImage, wasm } from '../testing/image.ts';
import { ASSETS, SPIN_CASES, type SpinPush, spinPush } from '../testing/spin-push.ts';
import { tarOf } from '../testing/tar.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { pullApp } from './pull.ts';

const COMPONENT = wasm('hello');

/** As Spin's writer does it: no end of the tar, and a gzip stream that is flushed but not finished. */
async function cutArchive(names: readonly string[]): Promise<Buffer> {
  const entries = names.map((name) => ({ name, content: ASSETS[name] ?? '' }));
  const tar = await tarOf({ name: '.', type: 'directory' }, { name: 'sub', type: 'directory' }, ...entries);
  const stream = deflateRawSync(tar.subarray(0, -1024), { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([Buffer.from('1f8b08000000000000ff', 'hex'), stream]);
}

async function spinsImage({
  manifest,
  config,
  lockedApp,
  archive,
}: SpinPush): Promise<{ stored: Image; app: LockedApp }> {
  const hello = manifest.layers[0]?.digest ?? '';
  const app = JSON.parse(JSON.stringify(lockedApp).replaceAll(hello, digestOf(COMPONENT))) as LockedApp;
  const contents = new Map(Object.values(ASSETS).map((bytes) => [digestOf(bytes), bytes]));
  const layers: { mediaType: string; bytes: Buffer }[] = [];
  for (const { mediaType, digest } of manifest.layers) {
    const made: Readonly<Record<string, Buffer | undefined>> = {
      [WASM_LAYER]: COMPONENT,
      [DATA_LAYER]: contents.get(digest),
      [ARCHIVE_LAYER]: await cutArchive(archive ?? []),
      [SPIN_APPLICATION]: Buffer.from(JSON.stringify(app)),
    };
    layers.push({ mediaType, bytes: made[mediaType] ?? Buffer.alloc(0) });
  }
  return { stored: image(layers, { mediaType: OCI_IMAGE_CONFIG, bytes: Buffer.from(JSON.stringify(config)) }), app };
}

test.each(SPIN_CASES)('what Spin pushed is read back whole: %s', async (name) => {
  const { stored, app } = await spinsImage(spinPush(name));
  const registry = await startFaultRegistry((request, response) => {
    if (!serveImage(stored, request, response)) {
      send(response, 404);
    }
  });
  const pulled = await pullApp(`${registry.host}/me/app:v1`, { ...impatient(), cacheDir: await tempDir() });
  expect(pulled.locked).toEqual({
    ...app,
    metadata: {
      ...app.metadata,
      origin: `vnd.fermyon.origin-oci:${registry.host}/me/app:v1`,
      oci_image_digest: stored.digest,
    },
  });
  const files = pulled.locked.components.flatMap((component) => component.files ?? []);
  for (const { path, inline, digest = '' } of files) {
    const bytes = inline === undefined ? await readFile(pulled.paths.get(digest) ?? '') : Buffer.from(inline, 'base64');
    expect([path, bytes.equals(ASSETS[path] ?? Buffer.alloc(0))]).toEqual([path, true]);
  }
  expect(await readFile(pulled.paths.get(digestOf(COMPONENT)) ?? '')).toEqual(COMPONENT);
});
