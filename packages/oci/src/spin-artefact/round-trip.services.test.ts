// Pushes and pulls through a real registry.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockedApp } from '@spindle/api';
import { type RunningRegistry, startDockerRegistry } from '../../../../hack/services/docker-registry.ts';
import { digestOf } from '../digest.ts';
import { listTags, planPush, type PlanPushOptions, pullApp, pushApp, readPushContent } from '../index.ts';
import { wasm } from '../testing/image.ts';
import { localApp } from '../testing/local-app.ts';
import { ASSETS } from '../testing/spin-push.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { userError } from '../testing/thrown.ts';
import type { Descriptor, PulledApp, PushedApp } from '../types.ts';

const OPTIONS: PlanPushOptions = { compose: true, archive: false, created: new Date('2026-11-21T00:00:00Z') };
const insecure = { insecure: true };
let registry: RunningRegistry;
beforeAll(async () => {
  registry = await startDockerRegistry();
});
afterAll(() => registry.stop());

async function push(locked: LockedApp, name: string, options: Partial<PlanPushOptions> = {}): Promise<PushedApp> {
  const plan = planPush(await readPushContent(locked), { ...OPTIONS, ...options });
  return await pushApp(plan, `${registry.host}/${name}`, insecure);
}

async function storedManifest(name: string): Promise<{ layers: Descriptor[]; annotations: Record<string, string> }> {
  const response = await fetch(`http://${registry.host}/v2/${name}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  return (await response.json()) as { layers: Descriptor[]; annotations: Record<string, string> };
}

async function contents(app: PulledApp): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { path, inline, digest } of app.locked.components[0]?.files ?? []) {
    const bytes =
      inline === undefined ? await readFile(app.paths.get(digest ?? '') ?? '') : Buffer.from(inline, 'base64');
    found[path] = digestOf(bytes);
  }
  return found;
}
const digests = Object.fromEntries(Object.entries(ASSETS).map(([name, bytes]) => [name, digestOf(bytes)]));

describe.each([
  ['a layer for each file', false, 5],
  ['an archive', true, 3],
])('an app whose files are %s', (_, archive, layers) => {
  const name = `me/app-${String(archive)}`;

  test('comes back as it was pushed, twice, the second time from the cache', async () => {
    const component = wasm('component'.repeat(1000));
    const pushed = await push(await localApp({ component, files: ASSETS }), `${name}:v1`, { archive });
    expect((await storedManifest(`${name}/manifests/v1`)).layers).toHaveLength(layers);

    const cacheDir = await tempDir();
    const pulled = await pullApp(`${registry.host}/${name}:v1`, { ...insecure, cacheDir });
    expect([pulled.digest, pulled.reference]).toEqual([pushed.digest, pushed.reference]);
    expect(pulled.locked.metadata).toMatchObject({
      name: 'app',
      origin: `vnd.fermyon.origin-oci:${registry.host}/${name}:v1`,
    });
    expect(await readFile(pulled.paths.get(digestOf(component)) ?? '')).toEqual(component);
    expect(await contents(pulled)).toEqual(digests);

    const again = await pullApp(`${registry.host}/${name}:v1`, { ...insecure, cacheDir });
    expect(again).toEqual(pulled);
  });

  test('is the same image when it is pushed again, and by its digest is the same app', async () => {
    const locked = await localApp({ files: ASSETS });
    const first = await push(locked, `${name}:same`, { archive });
    const second = await push(locked, `${name}:other-tag`, { archive });
    expect(second.digest).toBe(first.digest);
    const pulled = await pullApp(`${registry.host}/${name}@${first.digest}`, {
      ...insecure,
      cacheDir: await tempDir(),
    });
    expect(await contents(pulled)).toEqual(digests);
  });
});

test('a component of several megabytes comes back whole', async () => {
  const component = Buffer.concat([wasm(''), Buffer.alloc(5_000_000, 'component')]);
  await push(await localApp({ component }), 'me/large:v1');
  const pulled = await pullApp(`${registry.host}/me/large:v1`, { ...insecure, cacheDir: await tempDir() });
  expect(digestOf(await readFile(pulled.paths.get(digestOf(component)) ?? ''))).toBe(digestOf(component));
});

test('dependencies that are not composed are layers of their own', async () => {
  const dependency = wasm('dependency'.repeat(50));
  await push(await localApp({ dependency }), 'me/dependent:v1', { compose: false });
  const pulled = await pullApp(`${registry.host}/me/dependent:v1`, { ...insecure, cacheDir: await tempDir() });
  expect(pulled.locked.components[0]?.dependencies?.['a:b']?.source.digest).toBe(digestOf(dependency));
  expect(await readFile(pulled.paths.get(digestOf(dependency)) ?? '')).toEqual(dependency);
});

test('annotations are stored with the image', async () => {
  await push(await localApp(), 'me/annotated:v1', { annotations: { k: 'v' } });
  expect((await storedManifest('me/annotated/manifests/v1')).annotations).toEqual({
    k: 'v',
    'org.opencontainers.image.created': '2026-11-21T00:00:00.000Z',
    'org.opencontainers.image.title': 'app',
    'org.opencontainers.image.version': '1.2.3',
  });
});

test('the tags of a repository are those that were pushed', async () => {
  const locked = await localApp();
  for (const tag of ['v1', 'v2', 'v10']) {
    await push(locked, `me/tagged:${tag}`);
  }
  expect((await listTags(`${registry.host}/me/tagged`, insecure)).toSorted()).toEqual(['v1', 'v10', 'v2']);
});

describe('the user’s mistakes', () => {
  test('a tag that was never pushed is named', async () => {
    const error = await userError(async () =>
      pullApp(`${registry.host}/me/app:nowhere`, { ...insecure, cacheDir: await tempDir() }),
    );
    expect([error.code, error.place.file]).toEqual(['SPK2007', `${registry.host}/me/app:nowhere`]);
  });

  test('HTTPS to a registry of plain HTTP tells of --insecure', async () => {
    const error = await userError(async () => pullApp(`${registry.host}/me/app:v1`, { cacheDir: await tempDir() }));
    expect(error.remedy).toContain('--insecure');
  });

  test('a push by digest is refused', async () => {
    const plan = planPush(await readPushContent(await localApp()), OPTIONS);
    const error = await userError(() =>
      pushApp(plan, `${registry.host}/me/app@${plan.config.descriptor.digest}`, insecure),
    );
    expect(error.message).toContain('a push chooses a tag');
  });

  test.each([false, true])(
    'a file that changes between plan and push is named, and no tag is made (archive: %s)',
    async (archive) => {
      const locked = await localApp({ files: ASSETS });
      const plan = planPush(await readPushContent(locked), { ...OPTIONS, archive });
      const assets = new URL(locked.components[0]?.files?.[0]?.source ?? '');
      await writeFile(new URL(`${assets.href}/big.txt`), 'C'.repeat(5000));
      const error = await userError(() => pushApp(plan, `${registry.host}/me/changed:v1`, insecure));
      expect([error.code, error.place.file?.endsWith('/assets/big.txt')]).toEqual(['SPK2017', true]);
      expect((await userError(() => listTags(`${registry.host}/me/changed`, insecure))).code).toBe('SPK2007');
    },
  );
});

test('nothing is left of the archives that a push has made', async () => {
  const workDir = await tempDir();
  const plan = planPush(await readPushContent(await localApp({ files: ASSETS })), { ...OPTIONS, archive: true });
  await pushApp(plan, `${registry.host}/me/tidy:v1`, { ...insecure, tempDir: workDir });
  expect(await readdir(workDir)).toEqual([]);
});
