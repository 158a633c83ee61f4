import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { ARCHIVE_LAYER, DATA_LAYER, OCI_INDEX, SPIN_APPLICATION, WASM_LAYER, WASM_LAYER_WKG } from '../media-types.ts';
import { type Answer, type FaultRegistry, impatient, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { descriptorOf, image, type Image, lockedApp, serveImage, spinImage, wasm } from '../testing/image.ts';
import { archiveOf, tarOf } from '../testing/tar.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { userError } from '../testing/thrown.ts';
import type { PulledApp } from '../types.ts';
import { pullApp } from './pull.ts';

interface Pull {
  readonly registry: FaultRegistry;
  readonly cacheDir: string;
  readonly pull: (reference?: string) => Promise<PulledApp>;
}

async function pulling(
  stored: Image,
  instead: (...parameters: Parameters<Answer>) => boolean = () => false,
): Promise<Pull> {
  const registry = await startFaultRegistry((request, response) => {
    if (!instead(request, response) && !serveImage(stored, request, response)) {
      send(response, 404);
    }
  });
  const cacheDir = await tempDir();
  const pull = (reference = ':v1'): Promise<PulledApp> =>
    pullApp(`${registry.host}/me/app${reference}`, { ...impatient(), cacheDir });
  return { registry, cacheDir, pull };
}

const cached = async (cacheDir: string): Promise<string[]> => {
  const entries = await readdir(join(cacheDir, 'spin/registry'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cacheDir.length + '/spin/registry/'.length))
    .toSorted();
};
/** Time and inode of every file and folder. */
async function stampsOf(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir, { recursive: true });
  return await Promise.all(
    names.toSorted().map(async (name) => {
      const { ino, mtimeMs } = await stat(join(cacheDir, name));
      return `${name} ${ino} ${mtimeMs}`;
    }),
  );
}
const appLayer = (app: unknown) => ({ mediaType: SPIN_APPLICATION, bytes: Buffer.from(JSON.stringify(app)) });

describe('a pulled app', () => {
  const files = { 'a.txt': Buffer.from('content of a'), 'sub/b.txt': Buffer.from('content of b') };

  test('says where it came from, and every content is a file of the cache', async () => {
    const stored = spinImage({ files });
    const { registry, pull } = await pulling(stored);
    const app = await pull();
    expect([app.reference, app.digest]).toEqual([`${registry.host}/me/app:v1`, stored.digest]);
    expect(app.locked.metadata).toEqual({
      name: 'app',
      trigger: { type: 'http' },
      triggers: {},
      origin: `vnd.fermyon.origin-oci:${registry.host}/me/app:v1`,
      oci_image_digest: stored.digest,
    });
    expect(app.locked.components[0]?.source.digest).toBe(digestOf(wasm('hello')));
    const contents = await Promise.all(
      [...app.paths].map(async ([digest, path]) => [digest, digestOf(await readFile(path))]),
    );
    expect(contents).toHaveLength(3);
    expect(contents.filter(([digest, actual]) => digest !== actual)).toEqual([]);
  });

  test('stands in the cache as Spin lays it out', async () => {
    const { registry, cacheDir, pull } = await pulling(spinImage({ files }));
    await pull();
    expect(await cached(cacheDir)).toEqual(
      [
        `data/${digestOf(files['a.txt'])}`,
        `data/${digestOf(files['sub/b.txt'])}`,
        `manifests/${registry.host}/me/app/v1/config.json`,
        `manifests/${registry.host}/me/app/v1/manifest.json`,
        `wasm/${digestOf(wasm('hello'))}`,
      ].toSorted(),
    );
  });

  test('by tag costs one request the second time', async () => {
    const { registry, pull } = await pulling(spinImage({ files }));
    const first = await pull();
    const requests = registry.requests.length;
    expect(await pull()).toEqual(first);
    expect(registry.requests.slice(requests).map(({ line }) => line)).toEqual(['GET /v2/me/app/manifests/v1']);
  });

  test('that is all in the cache writes nothing, so the cache may be read-only', async () => {
    const { cacheDir, pull } = await pulling(spinImage({ files }));
    await pull();
    const before = await stampsOf(cacheDir);
    await pull();
    expect(await stampsOf(cacheDir)).toEqual(before);
  });

  test('by digest costs none, and its registry may be gone', async () => {
    const stored = spinImage({ files });
    let gone = false;
    const { pull } = await pulling(stored, (_, response) => {
      if (gone) {
        response.destroy();
      }
      return gone;
    });
    const first = await pull(`@${stored.digest}`);
    gone = true;
    expect(await pull(`@${stored.digest}`)).toEqual(first);
  });

  test('whose files in the cache were spoiled gets them again', async () => {
    const stored = spinImage({ files });
    const { registry, cacheDir, pull } = await pulling(stored);
    const app = await pull(`@${stored.digest}`);
    for (const path of [
      ...app.paths.values(),
      ...['config.json', 'manifest.json'].map((name) =>
        join(cacheDir, 'spin/registry/manifests', registry.host, 'me/app', stored.digest, name),
      ),
    ]) {
      await truncate(path, 3);
    }
    expect(await pull(`@${stored.digest}`)).toEqual(app);
    const contents = await Promise.all(
      [...app.paths].map(async ([digest, path]) => digestOf(await readFile(path)) === digest),
    );
    expect(contents).toEqual([true, true, true]);
  });

  test('whose tag has moved is the new one', async () => {
    let stored = spinImage({ component: wasm('old') });
    const registry = await startFaultRegistry((request, response) => {
      serveImage(stored, request, response);
    });
    const options = { ...impatient(), cacheDir: await tempDir() };
    await pullApp(`${registry.host}/me/app:v1`, options);
    stored = spinImage({ component: wasm('new') });
    const app = await pullApp(`${registry.host}/me/app:v1`, options);
    expect(app.locked.components[0]?.source.digest).toBe(digestOf(wasm('new')));
  });

  test('has layers that nothing refers to left in the registry', async () => {
    const unused = { mediaType: DATA_LAYER, bytes: Buffer.from('unused') };
    const { registry, pull } = await pulling(spinImage({ extraLayers: [unused] }));
    await pull();
    expect(registry.requests.filter(({ line }) => line.includes(digestOf(unused.bytes)))).toEqual([]);
  });

  test('may have the same content as Wasm and as a file', async () => {
    const component = wasm('hello');
    const { pull } = await pulling(spinImage({ component, files: { 'hello.wasm': component } }));
    expect([...(await pull()).paths.keys()]).toEqual([digestOf(component)]);
  });
});

/** An app with one file, whose reference is given. */
function withFile(file: object): Image {
  const app = lockedApp(wasm('hello'));
  const [component] = app['components'] as [Record<string, unknown>];
  component['files'] = [{ path: 'a.txt', ...file }];
  return image([{ mediaType: WASM_LAYER, bytes: wasm('hello') }, appLayer(app)]);
}

describe('inline content', () => {
  test.each(['dGlueQ', 'dGlueQ=='])('of a file (%s) needs no layer and stays inline', async (inline) => {
    const { pull } = await pulling(withFile({ inline, digest: digestOf(Buffer.from('tiny')) }));
    const app = await pull();
    expect(app.locked.components[0]?.files?.[0]?.inline).toBe(inline);
    expect([...app.paths.keys()]).toEqual([digestOf(wasm('hello'))]);
  });

  test('that its digest contradicts is an error', async () => {
    const { pull } = await pulling(withFile({ inline: 'dGlueQ', digest: digestOf(Buffer.from('other')) }));
    const error = await userError(pull);
    expect(error.code).toBe('SPK2009');
    expect(error.message).toContain('inline content of file a.txt of component hello');
  });

  test('of a component becomes a file, without a layer', async () => {
    const component = wasm('small');
    const app = lockedApp(component);
    (app['components'] as [{ source: Record<string, unknown> }])[0].source['inline'] = component.toString('base64');
    const { pull } = await pulling(image([appLayer(app)]));
    expect(await readFile((await pull()).paths.get(digestOf(component)) ?? '')).toEqual(component);
  });

  test.each(['../a', '/a', 'a/../b', 'a/./b', '', 'a//b'])('at the path %j is refused', async (path) => {
    const { pull } = await pulling(withFile({ inline: 'dGlueQ', path }));
    expect((await userError(pull)).message).toContain(`invalid file mount ${JSON.stringify(path)}`);
  });
});

describe('an archive layer', () => {
  const files = { 'a.txt': Buffer.from('content of a'), 'sub/b.txt': Buffer.from('content of b') };
  const component = wasm('hello');
  const withArchive = (archive: Buffer): Image =>
    image([
      { mediaType: WASM_LAYER, bytes: component },
      { mediaType: ARCHIVE_LAYER, bytes: archive },
      appLayer(lockedApp(component, files)),
    ]);
  const entries = Object.entries(files).map(([name, content]) => ({ name, content }));

  test('gives the files that the app wants', async () => {
    const archive = await archiveOf({ name: '.', type: 'directory' }, ...entries);
    const { cacheDir, pull } = await pulling(withArchive(archive));
    expect((await pull()).paths.size).toBe(3);
    expect((await cached(cacheDir)).filter((name) => name.startsWith('data/'))).toEqual(
      [archive, ...Object.values(files)].map((bytes) => `data/${digestOf(bytes)}`).toSorted(),
    );
  });

  test('is not asked for again, nor unpacked, when all files are there', async () => {
    const archive = await archiveOf(...entries);
    const { registry, cacheDir, pull } = await pulling(withArchive(archive));
    await pull();
    await writeFile(join(cacheDir, 'spin/registry/data', digestOf(archive)), 'spoiled');
    await pull();
    expect(registry.requests.filter(({ line }) => line.includes(digestOf(archive)))).toHaveLength(1);
  });

  test('is unpacked again from the cache when a file of it is lost', async () => {
    const archive = await archiveOf(...entries);
    const { registry, pull } = await pulling(withArchive(archive));
    const first = await pull();
    await truncate(first.paths.get(digestOf(files['a.txt'])) ?? '', 1);
    expect(await pull()).toEqual(first);
    expect(registry.requests.filter(({ line }) => line.includes(digestOf(archive)))).toHaveLength(1);
  });

  test('that cannot be used leaves no sign of itself in the cache', async () => {
    const archive = await archiveOf(...entries, { name: 'x', type: 'symlink', linkname: '/etc/passwd' });
    const { cacheDir, pull } = await pulling(withArchive(archive));
    const error = await userError(pull);
    expect([error.code, error.place.field]).toEqual(['SPK2012', digestOf(archive)]);
    expect(await cached(cacheDir)).not.toContain(`data/${digestOf(archive)}`);
  });

  test('cut off in a file names what is missing', async () => {
    const tar = await tarOf(...entries);
    const { pull } = await pulling(withArchive(gzipSync(tar.subarray(0, 512 * 2))));
    const error = await userError(pull);
    expect(error.message).toContain('the image does not hold what the app needs: file sub/b.txt of component hello');
    expect(error.message).toContain(digestOf(files['sub/b.txt']));
  });
});

describe('images of other makers', () => {
  test('Spin 1.x kept the locked app in the configuration', async () => {
    const stored = image([{ mediaType: WASM_LAYER, bytes: wasm('hello') }], appLayer(lockedApp(wasm('hello'))));
    const { pull } = await pulling(stored);
    expect((await pull()).locked.components.map(({ id }) => id)).toEqual(['hello']);
  });

  test('a layer with the locked app overrides one in the configuration', async () => {
    const old = { ...lockedApp(wasm('hello')), metadata: { name: 'old' } };
    const stored = image(
      [{ mediaType: WASM_LAYER, bytes: wasm('hello') }, appLayer(lockedApp(wasm('hello')))],
      appLayer(old),
    );
    const { pull } = await pulling(stored);
    expect((await pull()).locked.metadata?.name).toBe('app');
  });

  test.each([WASM_LAYER, WASM_LAYER_WKG])(
    'a plain Wasm package of the type %s answers every request',
    async (mediaType) => {
      const stored = image([{ mediaType, bytes: wasm('package') }], {
        mediaType: 'application/vnd.wasm.config.v0+json',
        bytes: Buffer.from('{"os":"wasip2"}'),
      });
      const { registry, pull } = await pulling(stored);
      const app = await pull();
      expect(app.locked).toEqual({
        spin_lock_version: 0,
        metadata: {
          name: 'app',
          trigger: { type: 'http' },
          triggers: {},
          origin: `vnd.fermyon.origin-oci:${registry.host}/me/app:v1`,
          oci_image_digest: stored.digest,
        },
        triggers: [
          {
            id: 'http-trigger1',
            trigger_type: 'http',
            trigger_config: { component: 'http-trigger1-component', route: '/...' },
          },
        ],
        components: [
          {
            id: 'http-trigger1-component',
            source: { content_type: 'application/wasm', digest: digestOf(wasm('package')) },
          },
        ],
      });
      expect(app.paths.size).toBe(1);
    },
  );

  test.each([
    [
      'a package of two layers',
      image(['a', 'b'].map((name) => ({ mediaType: WASM_LAYER, bytes: wasm(name) }))),
      'expected single layer in OCI package, found 2 layers',
    ],
    [
      'a container image',
      image([{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: Buffer.from('x') }]),
      'no layer is Wasm',
    ],
    ['an image without layers', image([]), 'no layer is Wasm'],
    [
      'two locked apps',
      image([appLayer(lockedApp(wasm('a'))), appLayer(lockedApp(wasm('b')))]),
      'it has 2 layers of the type',
    ],
    ['a locked app without a version', image([appLayer({ components: [] })]), 'no "spin_lock_version"'],
  ])('%s is refused with the reason', async (_, stored, reason) => {
    const { registry, pull } = await pulling(stored);
    const error = await userError(pull);
    expect([error.code, error.place.file]).toEqual(['SPK2004', `${registry.host}/me/app:v1`]);
    expect(error.message).toContain(reason);
  });

  test('an index leads to the manifest for Wasm', async () => {
    const stored = spinImage();
    const child = {
      ...descriptorOf('application/vnd.oci.image.manifest.v1+json', stored.manifest),
      platform: { os: 'wasip1', architecture: 'wasm' },
    };
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [
          child,
          { ...child, digest: digestOf(Buffer.from('x')), platform: { os: 'linux', architecture: 's390x' } },
        ],
      }),
    );
    const { pull } = await pulling(stored, ({ line }, response) => {
      const asked = line.endsWith('/manifests/v1');
      if (asked) {
        send(response, 200, { 'content-type': OCI_INDEX }, index);
      }
      return asked;
    });
    expect((await pull()).digest).toBe(stored.digest);
  });

  test('an index of indexes is refused', async () => {
    const inner = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
    const outer = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [descriptorOf(OCI_INDEX, inner)] }));
    const { pull } = await pulling(spinImage(), ({ line }, response) => {
      send(response, 200, {}, line.endsWith('/v1') ? outer : inner);
      return true;
    });
    expect((await userError(pull)).message).toContain('another index');
  });
});

describe('a broken image', () => {
  test('without a layer that the app needs names who needs it', async () => {
    const stored = image([appLayer(lockedApp(wasm('hello')))]);
    const { pull } = await pulling(stored);
    const error = await userError(pull);
    expect([error.code, error.place.field]).toEqual(['SPK2013', 'component hello']);
    expect(error.message).toContain(digestOf(wasm('hello')));
  });

  test('with a blob that is another one leaves nothing of it in the cache', async () => {
    const component = wasm('hello');
    const { cacheDir, pull } = await pulling(spinImage({ component }), ({ line }, response) => {
      const asked = line.endsWith(digestOf(component));
      if (asked) {
        send(response, 200, {}, wasm('hullo'));
      }
      return asked;
    });
    expect((await userError(pull)).code).toBe('SPK2009');
    expect((await cached(cacheDir)).filter((name) => !name.startsWith('manifests/'))).toEqual([]);
  });

  test.each([
    ['no JSON', '{"spin_lock_version":0', 'SPK2004'],
    ['of a later version', '{"spin_lock_version":99,"triggers":[],"components":[]}', undefined],
    ['without components', '{"spin_lock_version":0,"triggers":[]}', undefined],
  ])('with a locked app that is %s is the user’s error', async (_, text, code) => {
    const { registry, pull } = await pulling(image([{ mediaType: SPIN_APPLICATION, bytes: Buffer.from(text) }]));
    const error = await userError(pull);
    expect(error.place.file).toBe(`${registry.host}/me/app:v1`);
    expect(code ?? error.code).toBe(error.code);
  });

  test('with a locked app that claims to be huge is refused before it is fetched', async () => {
    const manifest = {
      schemaVersion: 2,
      config: descriptorOf('x', Buffer.from('{}')),
      layers: [{ mediaType: SPIN_APPLICATION, digest: digestOf(Buffer.from('y')), size: 2 ** 40 }],
    };
    const { registry, pull } = await pulling(spinImage(), (_, response) => {
      send(response, 200, {}, JSON.stringify(manifest));
      return true;
    });
    expect((await userError(pull)).message).toContain('larger than');
    expect(registry.requests).toHaveLength(1);
  });
});

test('one blob that fails stops the others', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}.txt`, Buffer.from(`content ${at}`)]));
  const { registry, pull } = await pulling(spinImage({ files }), ({ line }, response) => {
    const isFile = line.includes('/blobs/') && Object.values(files).some((bytes) => line.endsWith(digestOf(bytes)));
    if (isFile && line.endsWith(digestOf(files['f0.txt'] ?? Buffer.alloc(0)))) {
      send(response, 404);
    }
    // The others hang until the client closes the connection.
    return isFile;
  });
  expect((await userError(pull)).message).toContain('the registry has no blob');
  // Manifest, locked app and component, then as many files as are fetched at once.
  expect(registry.requests.length).toBeLessThanOrEqual(3 + 16);
});
