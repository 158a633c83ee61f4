import { pathToFileURL } from 'node:url';
import type { LockedApp, LockedComponent } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test/guests/fixtures.ts';
import type { HostCapability } from '../host/capability.ts';
import { openApp, type OpenAppOptions } from './open-app.ts';
import { prepareApp } from './prepare-app.ts';

const component = async (id: string, fixture = 'nothing'): Promise<LockedComponent> => ({
  id,
  source: { content_type: 'application/wasm', source: pathToFileURL(await fixturePath(fixture)).href },
});

const app = (components: LockedComponent[], triggered: readonly string[]): LockedApp => ({
  spin_lock_version: 0,
  triggers: triggered.map((id) => ({ id, trigger_type: 'http', trigger_config: { component: id, route: '/...' } })),
  components,
});

const open = async (locked: LockedApp, options: Partial<OpenAppOptions> = {}): ReturnType<typeof openApp> =>
  openApp({
    locked,
    prepared: await prepareApp(locked),
    capabilities: [],
    variablesProviders: [],
    env: {},
    writableMounts: false,
    log: () => {},
    ...options,
  });

/** A capability that writes down what becomes of it. */
function recorded(
  id: string,
  seen: string[],
  fail: 'open' | 'close' | 'never' = 'never',
): HostCapability<unknown, object> {
  const step = (name: 'open' | 'close'): void => {
    seen.push(`${name} ${id}`);
    if (fail === name) {
      throw new Error(`${id} cannot ${name}`);
    }
  };
  return {
    id,
    interfaces: [],
    configKeys: [],
    parse: () => undefined,
    open: async () => {
      step('open');
      return { id };
    },
    bind: () => new Map(),
    close: async () => step('close'),
  };
}

describe('opening an app', () => {
  it('opens the components that triggers name, and no other', async () => {
    const broken: LockedComponent = {
      id: 'broken',
      source: { content_type: 'application/wasm', source: 'file:///none' },
    };
    const opened = await open(app([broken, await component('a')], ['a']));
    expect([...opened.components.keys()]).toEqual(['a']);
    await opened.close();
  });

  it('refuses a trigger whose component does not exist, and names those that do', async () => {
    await expect(open(app([await component('a')], ['b']))).rejects.toMatchObject({
      message: 'no such component "b"',
      remedy: "Name one of the app's components: a.",
    });
  });

  it('refuses a component with a dependency that it does not import', async () => {
    const dependent = {
      ...(await component('a')),
      dependencies: { 'x:y/z': { ...(await component('b')), export: null } },
    };
    await expect(open(app([dependent], ['a']))).rejects.toThrow(
      "dependency 'x:y/z' doesn't match any imports of component 'a'",
    );
  });

  it('refuses content that was not loaded', async () => {
    const remote: LockedComponent = { id: 'a', source: { content_type: 'application/wasm', digest: 'sha256:0' } };
    await expect(open(app([remote], ['a']))).rejects.toThrow('component.a.source is not on this machine');
  });

  it('names an interface that no capability gives', async () => {
    await expect(open(app([await component('a', 'missing')], ['a']))).rejects.toThrow('example:missing/thing@1.0.0');
  });
});

describe('the capabilities of an app', () => {
  it('are closed in reverse order, each even if another cannot be', async () => {
    const seen: string[] = [];
    const capabilities = [recorded('a', seen), recorded('b', seen, 'close'), recorded('c', seen)];
    const opened = await open(app([await component('x')], ['x']), { capabilities });
    expect(opened.capabilityState('b')).toEqual({ id: 'b' });
    await expect(opened.close()).rejects.toThrow('b cannot close');
    expect(seen).toEqual(['open a', 'open b', 'open c', 'close c', 'close b', 'close a']);
  });

  it('are closed again when a later one cannot be opened, or a component cannot be linked', async () => {
    const seen: string[] = [];
    const capabilities = [recorded('a', seen), recorded('b', seen, 'open')];
    await expect(open(app([await component('x')], ['x']), { capabilities })).rejects.toThrow('b cannot open');
    expect(seen).toEqual(['open a', 'open b', 'close a']);
    const again: string[] = [];
    await expect(
      open(app([await component('x', 'missing')], ['x']), { capabilities: [recorded('a', again)] }),
    ).rejects.toThrow('example:missing/thing');
    expect(again).toEqual(['open a', 'close a']);
  });
});
