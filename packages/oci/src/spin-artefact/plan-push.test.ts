import { describe, expect, test } from 'vitest';
import type { ContentPath, LockedApp } from '@spindle/api';
import { digestOf } from '../digest.ts';
import { ARCHIVE_LAYER, DATA_LAYER, WASM_LAYER } from '../media-types.ts';
import { beforePush, SPIN_CASES, type SpinCase, spinPush } from '../testing/spin-push.ts';
import { userError } from '../testing/thrown.ts';
import { planPush, type PlannedLayer, type PlanPushOptions } from './plan-push.ts';
import type { LocalFile, MountedFile, PushContent } from './push-content.ts';

const OPTIONS: PlanPushOptions = { compose: true, archive: false, created: new Date(0) };
const plan = (name: SpinCase) => planPush(beforePush(name), { ...OPTIONS, archive: name === 'files-archive' });
const mediaTypes = (layers: readonly PlannedLayer[]): string[] =>
  layers.map((layer) => (layer.kind === 'archive' ? layer.mediaType : layer.descriptor.mediaType));

/** Spin writes files in the order of the directory on its disk; ours are sorted. */
const byPath = (app: LockedApp): LockedApp => ({
  ...app,
  components: app.components.map((component) =>
    component.files === undefined ? component : { ...component, files: component.files.toSorted(comparePaths) },
  ),
});
const comparePaths = (a: ContentPath, b: ContentPath): number => (a.path < b.path ? -1 : 1);

describe('a push is planned as Spin does it', () => {
  test.each(SPIN_CASES)('with the same locked app: %s', (name) => {
    expect(plan(name).locked).toEqual(byPath(spinPush(name).lockedApp));
  });

  test.each(['minimal', 'many', 'same-wasm-twice'] as const)(
    'with the same layers and configuration to the byte: %s',
    (name) => {
      const { layers, config } = plan(name);
      const { manifest } = spinPush(name);
      expect(layers.map((layer) => (layer.kind === 'archive' ? undefined : layer.descriptor))).toEqual(manifest.layers);
      expect(config.descriptor).toEqual(manifest.config);
      expect(digestOf(config.bytes)).toBe(manifest.config.digest);
    },
  );

  test('with a layer for each file that is not inlined, in the same order', () => {
    const { layers } = plan('files');
    const spins = spinPush('files').manifest.layers;
    // The locked app lists its files in another order, so its own digest differs.
    expect(layers.slice(0, -1).map((layer) => (layer.kind === 'file' ? layer.descriptor : undefined))).toEqual(
      spins.slice(0, -1),
    );
    expect(mediaTypes(layers)).toEqual(spins.map(({ mediaType }) => mediaType));
  });

  test('with one archive of all files when archives are asked for', () => {
    const { layers } = plan('files-archive');
    const { manifest, archive } = spinPush('files-archive');
    expect(mediaTypes(layers)).toEqual(manifest.layers.map(({ mediaType }) => mediaType));
    const [made] = layers.flatMap((layer) => (layer.kind === 'archive' ? [layer] : []));
    expect(made?.files.map(({ name }) => name).toSorted()).toEqual(archive?.toSorted());
  });
});

const digest = (label: string): string => digestOf(Buffer.from(label));
const local = (label: string, size = 1000): LocalFile => ({ path: `/app/${label}`, digest: digest(label), size });
const mounted = (count: number): MountedFile[] =>
  Array.from({ length: count }, (_, at) => ({ name: `f${at}`, ...local(`f${at}`) }));

function content(component: Partial<LockedApp['components'][number]>, files: readonly MountedFile[] = []): PushContent {
  const source = { content_type: 'application/wasm', source: 'file:///app/main.wasm' };
  return {
    locked: { spin_lock_version: 0, triggers: [], components: [{ id: 'main', source, ...component }] },
    wasm: new Map(['main', 'dep', 'mw'].map((name) => [`file:///app/${name}.wasm`, local(name)])),
    mounts: new Map([['file:///app/assets', files]]),
  };
}
const source = (name: string) => ({ source: { content_type: 'application/wasm', source: `file:///app/${name}.wasm` } });
const dependencies = {
  dependencies: { 'a:b': { ...source('dep'), export: null } },
  trigger_dependencies: { middleware: [source('mw')] },
};

describe('the mode', () => {
  const files = [{ source: 'file:///app/assets', path: '/' }];
  test.each([
    [498, DATA_LAYER],
    [499, ARCHIVE_LAYER],
  ])('with one component and %i files is %s', (count, mediaType) => {
    const { layers } = planPush(content({ files }, mounted(count)), OPTIONS);
    expect(mediaTypes(layers)[1]).toBe(mediaType);
    expect(layers).toHaveLength(mediaType === DATA_LAYER ? 500 : 3);
  });

  test('counts equal files once', () => {
    const same = mounted(600).map((file) => ({ ...file, digest: digest('same') }));
    expect(mediaTypes(planPush(content({ files }, same), OPTIONS).layers)[1]).toBe(DATA_LAYER);
  });

  test('of archives makes none of an empty folder', () => {
    expect(planPush(content({ files }), { ...OPTIONS, archive: true }).layers).toHaveLength(2);
  });
});

describe('dependencies', () => {
  test('are refused as long as they would have to be composed, with the way out', async () => {
    const error = await userError(() => planPush(content(dependencies), OPTIONS));
    expect([error.code, error.place.field]).toEqual(['SPK2015', 'component.main.dependencies']);
    expect(error.message).toContain('a:b, middleware');
    expect(error.remedy).toContain('--compose=false');
  });

  test('become layers of their own, behind the component', () => {
    const { layers, locked } = planPush(content(dependencies), { ...OPTIONS, compose: false });
    expect(layers.slice(0, 3).map((layer) => (layer.kind === 'file' ? layer.descriptor : undefined))).toEqual(
      ['main', 'dep', 'mw'].map((name) => ({ mediaType: WASM_LAYER, digest: digest(name), size: 1000 })),
    );
    expect(locked.components[0]).toEqual({
      id: 'main',
      source: { content_type: 'application/wasm', digest: digest('main') },
      dependencies: { 'a:b': { source: { content_type: 'application/wasm', digest: digest('dep') }, export: null } },
      trigger_dependencies: { middleware: [{ source: { content_type: 'application/wasm', digest: digest('mw') } }] },
    });
  });
});

test('small Wasm is inlined and has a layer all the same', () => {
  const app = content({});
  const inline = Buffer.from('0061736d01000000', 'hex');
  const { locked, layers } = planPush(
    { ...app, wasm: new Map([['file:///app/main.wasm', { path: '/x', digest: digestOf(inline), size: 8, inline }]]) },
    OPTIONS,
  );
  expect(locked.components[0]?.source).toEqual({
    content_type: 'application/wasm',
    inline: 'AGFzbQEAAAA',
    digest: digestOf(inline),
  });
  expect(layers).toHaveLength(2);
});

test('a file or folder that is mounted elsewhere keeps its place', () => {
  const app = content({
    files: [
      { source: 'file:///app/assets', path: '/static/' },
      { source: 'file:///app/one.txt', path: 'conf/one.txt' },
    ],
  });
  const mounts = new Map([
    ['file:///app/assets', [{ name: 'a.txt', ...local('a') }]],
    ['file:///app/one.txt', [{ name: '', ...local('one') }]],
  ]);
  const { locked } = planPush({ ...app, mounts }, OPTIONS);
  expect(locked.components[0]?.files?.map(({ path }) => path)).toEqual(['static/a.txt', 'conf/one.txt']);
});

test('where the app came from is not stored, and the given app stays as it is', () => {
  const app = beforePush('files');
  const before = structuredClone(app.locked);
  const given: PushContent = {
    ...app,
    locked: { ...app.locked, metadata: { ...app.locked.metadata, oci_image_digest: 'sha256:old' } },
  };
  const { locked } = planPush(given, OPTIONS);
  expect(locked.metadata).not.toHaveProperty('origin');
  expect(locked.metadata).not.toHaveProperty('oci_image_digest');
  expect(app.locked).toEqual(before);
});

test('content of which nothing is known is an error, not a hole', async () => {
  const app = content({ source: { content_type: 'application/wasm', source: 'file:///app/other.wasm' } });
  const error = await userError(() => planPush(app, OPTIONS));
  expect([error.code, error.place.file]).toEqual(['SPK2022', 'file:///app/other.wasm']);
});
