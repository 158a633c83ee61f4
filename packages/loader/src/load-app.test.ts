import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError, type LockedApp } from '@spindle/api';
import { beforeEach, describe, expect, test } from 'vitest';
import { helloWasm } from './fixtures/recorded.ts';
import { APPLICATION_LAYER, DATA_LAYER, DIRECTLY, digestOf, startRegistry, WASM_LAYER } from './fixtures/registry.ts';
import { makeTree, readTree, temporaryFolder, type Tree } from './fixtures/tree.ts';
import { loadApp } from './load-app.ts';
import type { LoadedApp, LoadOptions } from './types.ts';

let folder = '';
beforeEach(async () => {
  folder = await makeTree(await temporaryFolder(), { 'app/hello.wasm': await helloWasm() });
});

const inApp = (path: string): string => pathToFileURL(join(folder, 'app', path)).href;

async function loadManifest(manifest: string, options: Partial<LoadOptions> = {}, tree: Tree = {}): Promise<LoadedApp> {
  await makeTree(join(folder, 'app'), { ...tree, 'spin.toml': manifest });
  return load({ kind: 'manifest', path: join(folder, 'app/spin.toml') }, options);
}

function load(source: LoadedApp['source'], options: Partial<LoadOptions> = {}): Promise<LoadedApp> {
  return loadApp(source, { ...DIRECTLY, workDir: join(folder, 'work'), cacheDir: join(folder, 'cache'), ...options });
}

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

const MANIFEST = `spin_manifest_version = 2
[application]
name = "app"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
`;

const packageSource = (registry: string): string =>
  `${MANIFEST}source = { registry = "${registry}", package = "me:thing", version = "1.2.0" }\n`;

const dependent = (dependencies: string): string =>
  `${MANIFEST}source = "hello.wasm"\n[component.hello.dependencies]\n${dependencies}\n`;

describe('a manifest', () => {
  test('becomes a locked app of files', async () => {
    const loaded = await loadManifest(
      `${MANIFEST}source = "hello.wasm"\nfiles = ["a.txt"]\nenvironment = { A = "1" }\n`,
      {},
      { 'a.txt': 'a' },
    );
    expect(loaded).toEqual({
      source: { kind: 'manifest', path: join(folder, 'app/spin.toml') },
      warnings: [],
      locked: {
        spin_lock_version: 0,
        metadata: { name: 'app', origin: inApp('spin.toml'), trigger: { type: 'http' }, triggers: {} },
        triggers: [
          { id: 'hello-http-trigger', trigger_type: 'http', trigger_config: { component: 'hello', route: '/...' } },
        ],
        components: [
          {
            id: 'hello',
            source: { content_type: 'application/wasm', source: inApp('hello.wasm') },
            env: { A: '1' },
            files: [{ source: pathToFileURL(join(folder, 'work/assets/hello')).href, path: '/' }],
          },
        ],
      },
    });
    expect(await readTree(join(folder, 'work/assets/hello'))).toEqual({ 'a.txt': 'a' });
  });

  test('mounts directories where they stand when it is asked to', async () => {
    const manifest = `${MANIFEST}source = "hello.wasm"\nfiles = [{ source = "site", destination = "/" }]\n`;
    const { locked } = await loadManifest(manifest, { directMounts: true }, { 'site/index.html': '' });
    expect(locked.components[0]?.files).toEqual([{ source: inApp('site'), path: '/' }]);
  });

  test('is changed by a profile', async () => {
    const manifest = `${MANIFEST}source = "none.wasm"\n[component.hello.profile.debug]\nsource = "hello.wasm"\n`;
    const { locked } = await loadManifest(manifest, { profile: 'debug' });
    expect(locked.components[0]?.source.source).toBe(inApp('hello.wasm'));
    expect(locked.metadata?.profile).toBe('debug');
    const error = await refusal(loadManifest(manifest, { profile: 'nope' }));
    expect(error.message).toBe('Profile nope is not defined in this application');
  });

  test('passes on what parsing and files warn of', async () => {
    const manifest = MANIFEST.replace('[[trigger', '[application.trigger.http]\nbase = "/"\n[[trigger');
    const { warnings } = await loadManifest(`${manifest}source = "hello.wasm"\nfiles = ["none/*"]\n`);
    expect(warnings).toEqual([expect.stringContaining('base'), 'component.hello.files[0]: "none/*" selects no file']);
  });

  test('that is not there, or no text, is refused by name', async () => {
    const missing = { kind: 'manifest', path: join(folder, 'none.toml') } as const;
    expect((await refusal(load(missing))).message).toMatch(
      /^Failed to read the manifest ".*\/none\.toml": No such file or directory$/,
    );
    await writeFile(join(folder, 'bad.toml'), Buffer.from([0xff, 0xfe]));
    const notText = { kind: 'manifest', path: join(folder, 'bad.toml') } as const;
    expect((await refusal(load(notText))).message).toMatch(/^The manifest ".*\/bad\.toml" is not UTF-8 text$/);
  });

  test('whose load is aborted is not loaded', async () => {
    const reason = new Error('stopped');
    const loading = loadManifest(`${MANIFEST}source = "hello.wasm"\n`, { signal: AbortSignal.abort(reason) });
    await expect(loading).rejects.toBe(reason);
  });
});

describe('a source', () => {
  const others = `source = "hello.wasm"\n[component.other]\nsource = "other.wasm"\n`;

  test('that no trigger uses stops nothing, but is told of', async () => {
    const { warnings } = await loadManifest(MANIFEST + others);
    expect(warnings).toEqual([expect.stringMatching(/^component other is not used by any trigger, .*other\.wasm/)]);
  });

  test('of a component that will not run is not looked at', async () => {
    const manifest = `${MANIFEST}${others}[[trigger.http]]\nroute = "/other"\ncomponent = "other"\n`;
    expect((await refusal(loadManifest(manifest))).place.field).toBe('component.other.source');
    expect((await loadManifest(manifest, { components: ['hello'] })).warnings).toEqual([]);
  });

  test('that is WebAssembly text is refused with the way to mend it', async () => {
    const error = await refusal(loadManifest(`${MANIFEST}source = "x.wat"\n`, {}, { 'x.wat': '(component)' }));
    expect(error.message).toMatch(
      /^Component hello source is not a valid \.wasm file: ".*\/x\.wat": it is WebAssembly text/,
    );
    expect(error.remedy).toBe('Convert it: wasm-tools parse in.wat -o out.wasm');
  });

  test('that is a directory is refused', async () => {
    const error = await refusal(loadManifest(`${MANIFEST}source = "."\n`));
    expect(error.message).toMatch(
      /^Component hello source is not a valid \.wasm file: ".*\/app": it is not a file but a directory$/,
    );
  });

  test('that is behind a URL is fetched once for all that name it', async () => {
    const registry = await startRegistry();
    registry.serve('/x.wasm', await helloWasm());
    const source = `{ url = "http://${registry.host}/x.wasm", digest = "${digestOf(await helloWasm())}" }`;
    const { locked } = await loadManifest(`${MANIFEST}source = ${source}\n[component.other]\nsource = ${source}\n`);
    const [one, two] = locked.components.map((component) => component.source.source ?? '');
    expect(one).toBe(two);
    expect(await readFile(fileURLToPath(one ?? ''))).toEqual(await helloWasm());
    expect(registry.requests).toEqual(['/x.wasm']);
  });

  test('behind a URL that serves something else is refused at its field', async () => {
    const registry = await startRegistry();
    registry.serve('/x.wasm', 'something else');
    const source = `{ url = "http://${registry.host}/x.wasm", digest = "${digestOf(await helloWasm())}" }`;
    const error = await refusal(loadManifest(`${MANIFEST}source = ${source}\n`));
    expect(error.message).toContain('invalid content digest');
    expect(error.message).toContain(`http://${registry.host}/x.wasm`);
    expect(error.place).toEqual({ file: join(folder, 'app/spin.toml'), field: 'component.hello.source' });
  });
});

describe('a package', () => {
  test('is fetched from the repository of its name, by its version', async () => {
    const registry = await startRegistry();
    registry.push('me/thing', '1.2.0', [{ mediaType: 'application/wasm', content: await helloWasm() }]);
    const { locked } = await loadManifest(packageSource(registry.host));
    expect(await readFile(fileURLToPath(locked.components[0]?.source.source ?? ''))).toEqual(await helloWasm());
  });

  test('is fetched from where its registry says that packages are', async () => {
    const home = await startRegistry();
    const registry = await startRegistry();
    const says = { oci: { registry: registry.host, namespacePrefix: 'all/' } };
    home.serve('/.well-known/wasm-pkg/registry.json', JSON.stringify(says));
    registry.push('all/me/thing', '1.2.0', [{ mediaType: 'application/wasm', content: await helloWasm() }]);
    const { locked } = await loadManifest(packageSource(home.host));
    expect(locked.components[0]?.source.source).toMatch(/^file:/);
  });

  test('is found through the user’s configuration', async () => {
    const registry = await startRegistry();
    registry.push('me/thing', '1.2.0', [{ mediaType: 'application/wasm', content: await helloWasm() }]);
    const packageConfigFile = join(folder, 'config.toml');
    await writeFile(packageConfigFile, `[namespace_registries]\nme = "${registry.host}"\n`);
    const manifest = `${MANIFEST}source = { package = "me:thing", version = "1.2.0" }\n`;
    const { locked } = await loadManifest(manifest, { packageConfigFile });
    expect(locked.components[0]?.source.source).toMatch(/^file:/);
    const error = await refusal(loadManifest(manifest, { packageConfigFile: join(folder, 'none.toml') }));
    expect(error.message).toBe('No registry is known for the package me:thing');
  });

  test('that the registry does not have, or a registry that is not there, is told with the field', async () => {
    const registry = await startRegistry();
    const error = await refusal(loadManifest(packageSource(registry.host)));
    expect(error.message).toContain(`Cannot fetch the package me:thing 1.2.0 from ${registry.host}/me/thing: `);
    expect(error.place.field).toBe('component.hello.source');
    const nowhere = await refusal(loadManifest(packageSource('localhost:9')));
    expect(nowhere.message).toContain('localhost:9');
  });

  test('of a registry that speaks another protocol is refused', async () => {
    const registry = await startRegistry();
    registry.serve('/.well-known/wasm-pkg/registry.json', '{"preferredProtocol":"warg"}');
    const error = await refusal(loadManifest(packageSource(registry.host)));
    expect(error.message).toContain(`The registry ${registry.host} of the package me:thing speaks the protocol warg`);
  });
});

describe('a dependency', () => {
  test('is loaded from wherever it is', async () => {
    const registry = await startRegistry();
    const [low, high] = [Buffer.from('\0asm\x0d\0\x01\0\0\x02\x01a', 'latin1'), await helloWasm()];
    registry.serve('/x.wasm', high);
    registry.push('pack/age', '1.1.0', [{ mediaType: 'application/wasm', content: low }]);
    registry.push('pack/age', '1.10.0', [{ mediaType: 'application/wasm', content: high }]);
    registry.push('pack/age', '2.0.0', [{ mediaType: 'application/wasm', content: low }]);
    const { locked } = await loadManifest(
      `${dependent(
        [
          '"local:dep/x" = { path = "hello.wasm", export = "e" }',
          `"http:dep/x" = { url = "http://${registry.host}/x.wasm", digest = "${digestOf(high)}" }`,
          `"pack:age/x" = { version = "^1.0", registry = "${registry.host}", inherit_configuration = true }`,
          '"in:app/x" = { component = "other" }',
        ].join('\n'),
      )}[component.other]\nsource = "hello.wasm"\n`,
    );
    const dependencies = locked.components[0]?.dependencies ?? {};
    expect(Object.keys(dependencies)).toEqual(['local:dep/x', 'http:dep/x', 'pack:age/x', 'in:app/x']);
    for (const { source } of Object.values(dependencies)) {
      expect(await readFile(fileURLToPath(source.source ?? ''))).toEqual(high);
    }
    expect(dependencies['local:dep/x']?.export).toBe('e');
    expect(dependencies['pack:age/x']?.inherit).toBe('All');
    expect(dependencies['in:app/x']?.source.source).toBe(inApp('hello.wasm'));
  });

  test.each([
    ['that is not there', '"a:b/c" = { path = "none.wasm" }', 'dependency a:b/c for component hello cannot be read'],
    [
      'that is not WebAssembly',
      '"a:b/c" = { path = "spin.toml" }',
      'dependency a:b/c for component hello is not a valid',
    ],
  ])('%s is told by name', async (_, written, message) => {
    const error = await refusal(loadManifest(dependent(written)));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe('component.hello.dependencies."a:b/c"');
  });

  test('that is not what its digest says is refused, with both digests', async () => {
    const registry = await startRegistry();
    registry.serve('/x.wasm', await helloWasm());
    const [expected, actual] = [digestOf('other'), digestOf(await helloWasm())];
    const written = `"a:b/c" = { url = "http://${registry.host}/x.wasm", digest = "${expected}" }`;
    const error = await refusal(loadManifest(dependent(written)));
    expect(error.message).toContain(`invalid content digest; expected ${expected}, downloaded ${actual}`);
    expect(error.place.field).toBe('component.hello.dependencies."a:b/c"');
  });

  test('that the server does not have is refused, with the URL', async () => {
    const registry = await startRegistry();
    const url = `http://${registry.host}/gone.wasm`;
    const error = await refusal(loadManifest(dependent(`"a:b/c" = { url = "${url}", digest = "${digestOf('x')}" }`)));
    expect(error.message).toBe(`Error fetching source URL "${url}": the server answered 404 Not Found`);
    expect(error.place.field).toBe('component.hello.dependencies."a:b/c"');
  });

  test('that is a component of the app with grants of its own is refused', async () => {
    const manifest = `${dependent('"a:b/c" = { component = "other" }')}[component.other]
source = "hello.wasm"
key_value_stores = ["default"]
`;
    expect((await refusal(loadManifest(manifest))).message).toContain(
      'Component other cannot be used as a dependency of hello because it specifies: key_value_stores',
    );
  });

  test('that is a component the app does not have is refused', async () => {
    const error = await refusal(loadManifest(dependent('"a:b/c" = { component = "other" }')));
    expect(error.message).toContain('dependency ID other does not exist');
  });

  test('of which the registry has nothing is refused, with the name of the package', async () => {
    const registry = await startRegistry();
    const error = await refusal(
      loadManifest(dependent(`"pack:age/x" = { version = "^3", registry = "${registry.host}" }`)),
    );
    expect(error.message).toContain(`Cannot fetch the package pack:age ^3 from ${registry.host}/pack/age`);
  });

  test('of which no published version is allowed is refused', async () => {
    const registry = await startRegistry();
    registry.push('pack/age', '1.1.0', [{ mediaType: 'application/wasm', content: await helloWasm() }]);
    const written = `"pack:age/x" = { version = "^3", registry = "${registry.host}" }`;
    expect((await refusal(loadManifest(dependent(written)))).message).toBe('No matching version found for pack:age ^3');
  });

  test('of a trigger is loaded too', async () => {
    const manifest = MANIFEST.replace(
      'component = "hello"\n',
      'component = "hello"\ndependencies.middleware = [{ path = "hello.wasm" }]\n',
    );
    const { locked } = await loadManifest(`${manifest}source = "hello.wasm"\n`);
    expect(JSON.stringify(locked)).toContain('trigger_dependencies');
    expect(JSON.stringify(locked).split(inApp('hello.wasm'))).toHaveLength(3);
  });
});

test('a single file is an application that answers every request', async () => {
  const path = join(folder, 'app/hello.wasm');
  const { locked, source } = await load({ kind: 'wasm', path }, { profile: 'debug' });
  expect(source).toEqual({ kind: 'wasm', path });
  expect(locked.metadata?.name).toBe('hello');
  expect(locked.triggers).toEqual([
    {
      id: 'http-trigger1',
      trigger_type: 'http',
      trigger_config: { component: 'http-trigger1-component', route: '/...' },
    },
  ]);
  expect(locked.components).toEqual([
    { id: 'http-trigger1-component', source: { content_type: 'application/wasm', source: inApp('hello.wasm') } },
  ]);
});

describe('a reference', () => {
  test('is pulled, and its content made files', async () => {
    const registry = await startRegistry();
    const wasm = await helloWasm();
    const app: LockedApp = {
      spin_lock_version: 0,
      metadata: { name: 'app', trigger: { type: 'http' }, triggers: {} },
      triggers: [{ id: 't', trigger_type: 'http', trigger_config: { component: 'hello', route: '/...' } }],
      components: [
        {
          id: 'hello',
          source: { content_type: 'application/wasm', digest: digestOf(wasm) },
          files: [
            { path: 'sub/big.txt', digest: digestOf('B'.repeat(200)) },
            { path: 'small.txt', inline: 'dGlueQ', digest: digestOf('tiny') },
          ],
        },
      ],
    };
    registry.push('me/app', 'v1', [
      { mediaType: WASM_LAYER, content: wasm },
      { mediaType: DATA_LAYER, content: 'B'.repeat(200) },
      { mediaType: APPLICATION_LAYER, content: JSON.stringify(app) },
    ]);
    const reference = `${registry.host}/me/app:v1`;
    const { locked, source } = await load({ kind: 'registry', reference });
    expect(source).toEqual({ kind: 'registry', reference });
    expect(locked.metadata?.origin).toBe(`vnd.fermyon.origin-oci:${reference}`);
    expect(await readFile(fileURLToPath(locked.components[0]?.source.source ?? ''))).toEqual(wasm);
    expect(await readTree(join(folder, 'work/assets/hello'))).toEqual({
      'small.txt': 'tiny',
      'sub/big.txt': 'B'.repeat(200),
    });
  });

  test('to a plain WebAssembly package is an application of one component', async () => {
    const registry = await startRegistry();
    registry.push('me/thing', 'v1', [{ mediaType: 'application/wasm', content: await helloWasm() }]);
    const { locked } = await load({ kind: 'registry', reference: `${registry.host}/me/thing:v1` });
    expect(locked.triggers[0]?.trigger_config['route']).toBe('/...');
  });

  test('to something that is not WebAssembly is refused with the reference', async () => {
    const registry = await startRegistry();
    registry.push('me/thing', 'v1', [{ mediaType: 'application/wasm', content: 'text' }]);
    const reference = `${registry.host}/me/thing:v1`;
    const error = await refusal(load({ kind: 'registry', reference }));
    expect(error.message).toMatch(/source is not a valid \.wasm file/);
    expect(error.place.file).toBe(reference);
  });
});
