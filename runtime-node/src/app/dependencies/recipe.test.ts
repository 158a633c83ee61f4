import { hash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError, type LockedApp, type LockedComponent, type LockedDependency } from '@spindle/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixture, fixturePath } from '../../../../test/guests/fixtures.ts';
import { decodeComponent } from '../../component/decode/index.ts';
import { wat } from '../../component/decode/testing/wat.ts';
import { linkComponent, prepareComponent } from '../../component/index.ts';
import { prepareApp } from '../prepare-app.ts';
import { composeDependencies } from './compose-app.ts';
import { compositionOf } from './recipe.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-recipe-'));
  await copyFile(await fixturePath('rcaller'), join(folder, 'rcaller.wasm'));
  await copyFile(await fixturePath('rprobe'), join(folder, 'rprobe.wasm'));
});
afterEach(() => rm(folder, { recursive: true }));

const inFolder = (name: string): LockedComponent['source'] => ({
  content_type: 'application/wasm',
  source: pathToFileURL(join(folder, name)).href,
});

/** With the digest that a locked app from a registry has. */
const vouched = async (name: string): Promise<LockedComponent['source']> => ({
  ...inFolder(`${name}.wasm`),
  digest: `sha256:${hash('sha256', await fixture(name))}`,
});

const probe = (changes: Partial<LockedDependency> = {}): LockedDependency => ({
  source: inFolder('rprobe.wasm'),
  export: null,
  ...changes,
});

const caller = (
  dependencies: LockedComponent['dependencies'] = { 'guests:depend/probe': probe() },
): LockedComponent => ({
  id: 'caller',
  source: inFolder('rcaller.wasm'),
  dependencies,
});

const appOf = (...components: LockedComponent[]): LockedApp => ({
  spin_lock_version: 0,
  triggers: [{ id: 'all', trigger_type: 'http', trigger_config: { component: 'caller', route: '/...' } }],
  components,
});

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof UserError) {
    return error;
  }
  throw new Error('no user error', { cause: error });
}

describe('what is composed of a component and its dependency', () => {
  it('no longer imports what the dependency gives, and exports what the component does', async () => {
    const bytes = await compositionOf(caller()).make([await fixture('rcaller'), await fixture('rprobe')]);
    const { importedInterfaces, exports } = decodeComponent(bytes);
    expect(importedInterfaces.filter((name) => name.startsWith('guests:'))).toEqual([]);
    expect(importedInterfaces).toContain('fermyon:spin/key-value@2.0.0');
    expect(Object.keys(exports)).toEqual(['wasi:http/incoming-handler@0.2.12']);
  });

  it('calls a function that is imported without a package, by its plain name', async () => {
    const root = `(component
      (import "twice" (func $twice (param "x" u32) (result u32)))
      (core func $twice (canon lower (func $twice)))
      (core module $m (import "" "twice" (func $twice (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (call $twice (call $twice (local.get 0)))))
      (core instance $i (instantiate $m (with "" (instance (export "twice" (func $twice))))))
      (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i "run"))))`;
    const dependency = `(component
      (core module $m (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
      (core instance $i (instantiate $m))
      (func (export "double") (param "x" u32) (result u32) (canon lift (core func $i "f"))))`;
    const recipe = compositionOf(caller({ twice: probe({ export: 'double' }) }));
    const prepared = await prepareComponent(await recipe.make([await wat(root), await wat(dependency)]));
    expect(linkComponent(prepared, new Map()).instantiate({}, 'plain').call('', 'run', [5])).toBe(20);
  });

  it('is the same bytes each time, so that a push has one digest', async () => {
    const inputs = [await fixture('rcaller'), await fixture('rprobe')];
    const [one, other] = [await compositionOf(caller()).make(inputs), await compositionOf(caller()).make(inputs)];
    expect(Buffer.compare(one, other)).toBe(0);
  });

  it.each<[string, () => LockedComponent['dependencies']]>([
    ['another grant', () => ({ 'guests:depend/probe': probe({ inherit: 'All' }) })],
    ['one grant', () => ({ 'guests:depend/probe': probe({ inherit: { Some: ['files'] } }) })],
    ['another export', () => ({ 'guests:depend/probe': probe({ export: 'guests:depend/probe@1.0.0' }) })],
    ['another name', () => ({ 'guests:depend': probe() })],
  ])('is another with %s, and is known as such without being made', (_, dependencies) => {
    expect(compositionOf(caller(dependencies())).choices).not.toBe(compositionOf(caller()).choices);
  });
});

const entries = async (): Promise<string[]> =>
  (await readdir(join(folder, 'cache/components'))).filter((name) => !name.startsWith('file-'));
const prepare = (component: LockedComponent) => prepareApp(appOf(component), { cacheDir: join(folder, 'cache') });

describe('preparing an app with dependencies', () => {
  it('composes once, and again when a dependency has changed', async () => {
    await prepare(caller());
    const [first] = await entries();
    await prepare(caller());
    expect(await entries()).toEqual([first]);
    // The same component with a custom section behind it.
    await writeFile(
      join(folder, 'rprobe.wasm'),
      Buffer.concat([await fixture('rprobe'), Buffer.from('\0\x02\x01x', 'latin1')]),
    );
    await prepare(caller());
    expect(await entries()).toHaveLength(2);
    await prepare(caller({ 'guests:depend/probe': probe({ inherit: 'All' }) }));
    expect(await entries()).toHaveLength(3);
  });

  it('keeps nothing of what could not be composed', async () => {
    await refusal(prepare(caller({ 'a:b/c': probe() })));
    await expect(entries()).rejects.toThrow('ENOENT');
  });

  it('needs no file but its own once it is cached, where digests are vouched for', async () => {
    const component: LockedComponent = {
      ...caller({ 'guests:depend/probe': probe({ source: await vouched('rprobe') }) }),
      source: await vouched('rcaller'),
    };
    await prepare(component);
    await rm(join(folder, 'rprobe.wasm'));
    await rm(join(folder, 'rcaller.wasm'));
    expect((await prepare(component)).get('caller')?.modules.length).toBeGreaterThan(1);
  });
});

describe('what does not fit is refused', () => {
  it('with the file, when a dependency is no WebAssembly', async () => {
    await writeFile(join(folder, 'rprobe.wasm'), 'text');
    const error = await refusal(prepareApp(appOf(caller())));
    expect(error.code).toBe('SPK4010');
    expect(error.place.file).toBe(join(folder, 'rprobe.wasm'));
  });

  it('with the file, when a dependency is cut short', async () => {
    const bytes = await fixture('rprobe');
    await writeFile(join(folder, 'rprobe.wasm'), bytes.subarray(0, bytes.length - 100));
    const error = await refusal(prepareApp(appOf(caller())));
    expect(error.place.file).toBe(join(folder, 'rprobe.wasm'));
  });

  it('with the component, when types differ', async () => {
    await copyFile(await fixturePath('rhello'), join(folder, 'rprobe.wasm'));
    const wrong = probe({ export: 'wasi:http/incoming-handler@0.2.12' });
    const error = await refusal(prepareApp(appOf(caller({ 'guests:depend/probe': wrong }))));
    expect(error.code).toBe('SPK4071');
    expect(error.place.field).toBe('component.caller.dependencies');
  });

  it('when it was not brought to this machine', async () => {
    const remote = probe({ source: { content_type: 'application/wasm', digest: `sha256:${'0'.repeat(64)}` } });
    const error = await refusal(prepareApp(appOf(caller({ 'guests:depend/probe': remote }))));
    expect(error.message).toBe('component.caller.dependencies."guests:depend/probe" is not on this machine');
  });

  it('by name when something goes round it in another role than middleware', async () => {
    const guarded = { ...caller({}), trigger_dependencies: { later: [probe()], middleware: [] } };
    const error = await refusal(prepareApp(appOf(guarded)));
    expect(error.code).toBe('SPK4014');
    expect(error.message).toContain("component 'caller' runs inside other components (later)");
  });

  it('with the field when its middleware is none', async () => {
    const guarded = { ...caller({}), trigger_dependencies: { middleware: [probe()] } };
    const error = await refusal(prepareApp(appOf(guarded)));
    expect(error.place.field).toBe('component.caller.trigger_dependencies');
    expect(error.message).toContain('has no import "wasi:http/handler@0.3.0"');
  });

  it('by the name of the trigger when middleware goes round a static response', async () => {
    const locked: LockedApp = {
      spin_lock_version: 0,
      triggers: [
        {
          id: 'old',
          trigger_type: 'http',
          trigger_config: { route: '/old', static_response: {} },
          trigger_dependencies: { middleware: [probe()] },
        },
      ],
      components: [],
    };
    expect((await refusal(prepareApp(locked))).message).toContain("trigger 'old' runs inside other components");
  });

  it('not when no middleware stands in the role', async () => {
    await copyFile(await fixturePath('rhello'), join(folder, 'rcaller.wasm'));
    const plain = { ...caller({}), trigger_dependencies: { middleware: [] } };
    expect([...(await prepareApp(appOf(plain))).keys()]).toEqual(['caller']);
  });
});

describe('an app to be stored', () => {
  it('has one file for each component with dependencies, and no dependencies any more', async () => {
    const other: LockedComponent = { id: 'other', source: inFolder('rprobe.wasm') };
    const locked = await composeDependencies(appOf(other, caller()), folder);
    expect(locked.components).toEqual([other, { id: 'caller', source: inFolder('composed-1.wasm') }]);
    expect([...(await prepareApp(locked)).keys()]).toEqual(['caller']);
  });

  it('is not changed where nothing depends on anything', async () => {
    const app = appOf({ id: 'caller', source: inFolder('rcaller.wasm') });
    expect(await composeDependencies(app, folder)).toEqual(app);
    expect((await readdir(folder)).toSorted()).toEqual(['rcaller.wasm', 'rprobe.wasm']);
  });

  it('is refused when a dependency does not fit, even of a component that no trigger uses', async () => {
    const unused = { ...caller({ 'a:b/c': probe() }), id: 'unused' };
    expect((await refusal(composeDependencies(appOf(unused), folder))).code).toBe('SPK4060');
  });
});
