// Apps with component dependencies, pushed to a real registry composed and not, and dependencies that come from one.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningRegistry, startDockerRegistry } from '../../../hack/services/docker-registry.ts';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';
import type { RunningSpindle } from '../testing/run-spindle.ts';

let registry: RunningRegistry;
beforeAll(async () => {
  registry = await startDockerRegistry();
});
afterAll(() => registry.stop());

const INHERIT = 'inherit_configuration = ["environment"]';

/** rcaller with one dependency, of which `source` says where it is. */
async function dependent(source = 'path = "rprobe.wasm"', head = ''): Promise<AppFolder> {
  const table = `environment = { ROOT = "root" }
key_value_stores = ["default"]
[component.rcaller.dependencies]
"guests:depend/probe" = { ${source}, ${INHERIT} }`;
  return appFolder({
    'spin.toml': manifest({ rcaller: { table } }).replace('component = "rcaller"\n', `component = "rcaller"\n${head}`),
    'rcaller.wasm': await fixture('rcaller'),
    'rprobe.wasm': await fixture('rprobe'),
  });
}

/** What is inherited works, what is not is denied, and each request meets a fresh state. */
const COMPOSED = [
  ['/count', 200, '1 2\n'],
  ['/count', 200, '1 2\n'],
  ['/tally', 200, '6 11 7\n'],
  ['/ask/env/ROOT', 200, 'root\n'],
  ['/ask/store/default', 500, ''],
  ['/own/store/default', 200, '\n'],
];

async function answers(running: RunningSpindle): Promise<unknown[]> {
  const url = await running.serving();
  const given: unknown[] = [];
  for (const path of ['/count', '/count', '/tally', '/ask/env/ROOT', '/ask/store/default', '/own/store/default']) {
    const response = await fetch(`${url}${path}`);
    given.push([path, response.status, await response.text()]);
  }
  return given;
}

interface Stored {
  readonly wasmLayers: number;
  readonly component: Record<string, unknown>;
}

/** What the registry has: how many components, and what the locked app says of rcaller. */
async function stored(name: string): Promise<Stored> {
  const at = (path: string): string => `http://${registry.host}/v2/me/${name}/${path}`;
  const manifests = await fetch(at('manifests/v1'), {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  const { layers } = (await manifests.json()) as { layers: { mediaType: string; digest: string }[] };
  const locked = layers.find(({ mediaType }) => mediaType.includes('spin.application'));
  const app = (await (await fetch(at(`blobs/${locked?.digest}`))).json()) as { components: Record<string, unknown>[] };
  return {
    wasmLayers: layers.filter(({ mediaType }) => mediaType.endsWith('+wasm')).length,
    component: app.components.find(({ id }) => id === 'rcaller') ?? {},
  };
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('a push', () => {
  it('stores one component in place of a component and its dependencies, and it runs elsewhere', async () => {
    const made = await dependent();
    const reference = `${registry.host}/me/composed:v1`;
    const pushed = await made.run(['registry', 'push', reference, '-k']);
    expect(pushed).toMatchObject({ code: 0, stderr: '' });
    const { wasmLayers, component } = await stored('composed');
    expect(wasmLayers).toBe(1);
    expect(component).not.toHaveProperty('dependencies');
    const there = await appFolder({});
    expect(await answers(there.up(['-f', reference, '-k']))).toEqual(COMPOSED);
    // The same content makes the same layer, wherever it is composed.
    const again = await made.run(['registry', 'push', `${registry.host}/me/again:v1`, '-k', '--compose=true']);
    expect(again.code).toBe(0);
    expect((await stored('again')).component).toEqual(component);
  });

  it('stores each dependency as it is when told not to compose, and it is composed where it runs', async () => {
    const made = await dependent();
    const reference = `${registry.host}/me/apart:v1`;
    expect(await made.run(['registry', 'push', reference, '-k', '--compose=false'])).toMatchObject({ code: 0 });
    const { wasmLayers, component } = await stored('apart');
    expect(wasmLayers).toBe(2);
    expect(component['dependencies']).toEqual({
      'guests:depend/probe': {
        source: { content_type: 'application/wasm', digest: digestOf(await fixture('rprobe')) },
        export: null,
        inherit: { Some: ['environment'] },
      },
    });
    const there = await appFolder({});
    expect(await answers(there.up(['-f', reference, '-k']))).toEqual(COMPOSED);
    expect(await answers(there.up(['-f', reference, '-k']))).toEqual(COMPOSED);
  });

  it.each([
    ['does not fit', '"guests:depend/probe"', '"acme:other/thing"', 'SPK4060', "doesn't match any imports"],
    ['is not WebAssembly', '"rprobe.wasm"', '"spin.toml"', 'SPK3012', 'is not a valid .wasm file'],
  ])('of an app whose dependency %s stores nothing', async (_, right, wrong, code, words) => {
    const made = await dependent();
    const text = manifest({
      rcaller: { table: `[component.rcaller.dependencies]\n"guests:depend/probe" = { path = "rprobe.wasm" }` },
    });
    await made.write('spin.toml', text.replace(right, wrong));
    const pushed = await made.run(['registry', 'push', `${registry.host}/me/wrong:v1`, '-k']);
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toContain(code);
    expect(pushed.stderr).toContain(words);
    expect((await fetch(`http://${registry.host}/v2/me/wrong/tags/list`)).status).toBe(404);
  });

  it.each(['--compose=true', '--compose=false'])(
    'runs middleware from a registry as from a folder: %s',
    async (how) => {
      const middleware = 'dependencies.middleware = [{ path = "m3.wasm", inherit_configuration = true }]';
      const made = await appFolder({
        'spin.toml': manifest({ sp3: {} }).replace('component = "sp3"\n', `component = "sp3"\n${middleware}\n`),
        'sp3.wasm': await fixture('sp3'),
        'm3.wasm': await fixture('m3'),
      });
      const reference = `${registry.host}/me/round:${how === '--compose=true' ? 'composed' : 'apart'}`;
      expect(await made.run(['registry', 'push', reference, '-k', how])).toMatchObject({ code: 0 });
      const there = await appFolder({});
      const url = await there.up(['-f', reference, '-k']).serving();
      expect((await fetch(url)).headers.get('x-middleware')).toBe('passed');
    },
  );

  it('refuses what is to be middleware and is none, where it is stored and where it is run', async () => {
    const made = await dependent('path = "rprobe.wasm"', 'dependencies.middleware = [{ path = "rprobe.wasm" }]\n');
    const reference = `${registry.host}/me/guarded:v1`;
    const composed = await made.run(['registry', 'push', reference, '-k']);
    expect([composed.code, composed.stderr]).toEqual([1, expect.stringContaining('wasi:http/handler@0.3.0')]);
    expect(await made.run(['registry', 'push', reference, '-k', '--compose=false'])).toMatchObject({ code: 0 });
    const there = await appFolder({});
    for (const folder of [made, there]) {
      const { code, stderr } = await folder.run(folder === made ? ['up'] : ['up', '-f', reference, '-k']);
      expect([code, stderr]).toEqual([1, expect.stringContaining('wasi:http/handler@0.3.0')]);
    }
  });
});

/** Stores a component as `wkg` does: one layer, and a configuration that is not an image's. */
async function publish(version: string, wasm: Uint8Array): Promise<void> {
  const repository = `http://${registry.host}/v2/guests/depend`;
  const upload = async (bytes: Uint8Array): Promise<string> => {
    const begun = await fetch(`${repository}/blobs/uploads/`, { method: 'POST' });
    const location = new URL(begun.headers.get('location') ?? '', repository);
    location.searchParams.set('digest', digestOf(bytes));
    const done = await fetch(location, {
      method: 'PUT',
      body: Buffer.from(bytes),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(done.status).toBe(201);
    return digestOf(bytes);
  };
  const config = Buffer.from('{"architecture":"wasm","os":"wasip2","layerDigests":[]}');
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: 'application/vnd.wasm.config.v0+json', digest: await upload(config), size: config.length },
    layers: [{ mediaType: 'application/wasm', digest: await upload(wasm), size: wasm.length }],
  });
  const put = await fetch(`${repository}/manifests/${version}`, {
    method: 'PUT',
    body,
    headers: { 'content-type': type },
  });
  expect(put.status).toBe(201);
}

const packaged = (version: string): string =>
  `version = "${version}", package = "guests:depend", registry = "${registry.host}"`;
/** As wkg has it: this registry speaks plain HTTP. */
const config = (): string => `[registry."${registry.host}".oci]\nprotocol = "http"\n`;

async function usingPackage(version: string): Promise<AppFolder> {
  const folder = await dependent(packaged(version));
  await folder.write('home/.config/wasm-pkg/config.toml', config());
  return folder;
}

describe('a dependency from a package registry', () => {
  beforeAll(async () => {
    await publish('1.0.0', await fixture('rhello'));
    await publish('1.2.0', await fixture('rprobe'));
    await publish('2.0.0', await fixture('rhello'));
  });

  it('is the highest version that the requirement allows', async () => {
    const folder = await usingPackage('^1.0');
    expect(await answers(folder.up())).toEqual(COMPOSED);
  });

  it('that no published version satisfies is told by name', async () => {
    const folder = await usingPackage('>=3');
    const { code, stderr } = await folder.run(['up']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('No matching version found for guests:depend >=3')]);
    expect(stderr).toContain('component.rcaller.dependencies."guests:depend/probe"');
  });
});
