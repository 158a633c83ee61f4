import { describe, expect, it } from 'vitest';

import { parseLockedApp } from '../locked-app/parse.ts';
import type { ComponentSource, LockedApp } from '../locked-app/types.ts';
import fixture from './fixtures/spin-locked-apps.json' with { type: 'json' };
import { parseManifest } from './parse.ts';
import { applyProfile } from './profile.ts';
import { type ComponentContents, lockApp } from './to-locked.ts';

const WASM: ComponentSource = {
  content_type: 'application/wasm',
  digest: 'sha256:b3daeebe298de949299bdc11fa552b32237d70ec32737b24984adce17b59019e',
};
const CONTENTS: ComponentContents = { source: WASM, files: [], dependencies: new Map() };
const origin = 'file:///app/spin.toml';

const noTriggerContent = (): ReadonlyMap<string, ComponentSource[]> => new Map();

const lock = (text: string): LockedApp =>
  lockApp(parseManifest(text, 'spin.toml').manifest, {
    origin,
    content: () => CONTENTS,
    triggerContent: noTriggerContent,
  });

const manifest = (rest: string): string => `spin_manifest_version = 2\napplication.name = "app"\n${rest}`;

const MIDDLEWARE = manifest(`
[[trigger.http]]
id = "one"
route = "/1"
component = "a"
dependencies.middleware = [{ path = "m.wasm", inherit_configuration = true }, { component = "b" }]
[[trigger.http]]
id = "two"
route = "/2"
component = "a"
[[trigger.http]]
id = "three"
route = "/3"
component = "c"
dependencies.middleware = [{ component = "b", inherit_configuration = ["files"] }]
[component.a]
source = "a.wasm"
description = "d"
[component.b]
source = "b.wasm"
[component.c]
source = "c.wasm"
`);

const MIDDLEWARE_LOCKED = lockApp(parseManifest(MIDDLEWARE, 'spin.toml').manifest, {
  origin,
  content: (id) => ({ ...CONTENTS, source: { ...WASM, source: `file:///${id}.wasm` } }),
  triggerContent: (id) =>
    new Map([['middleware', (id === 'one' ? ['m', 'b'] : ['b']).map((name) => ({ ...WASM, source: name }))]]),
});

describe('a locked app', () => {
  it.each(Object.entries(fixture.cases))('is what Spin makes of the manifest (%s)', (_, { manifest: text, locked }) => {
    const { metadata: { origin: written, ...metadata } = {}, ...rest } = lock(text);
    expect(written).toBe(origin);
    expect({ ...rest, metadata }).toEqual(locked);
  });

  it('is read back as it was written', () => {
    const written = Object.values(fixture.cases).map(({ manifest: text }) => lock(text));
    for (const locked of [...written, MIDDLEWARE_LOCKED]) {
      expect(parseLockedApp(JSON.stringify(locked), 'app.json')).toEqual(locked);
    }
  });

  it('has no single trigger when there are several types, and the profile when there is one', () => {
    const text = manifest(`
      [[trigger.http]]
      route = "/"
      component = "a"
      [[trigger.redis]]
      channel = "c"
      address = "redis://r"
      component = "a"
      [component.a]
      source = "a.wasm"
      profile.debug.environment = { A = "1" }`);
    const locked = lockApp(applyProfile(parseManifest(text, 'spin.toml').manifest, 'debug'), {
      origin,
      content: () => CONTENTS,
      triggerContent: noTriggerContent,
    });
    expect(locked.metadata).toEqual({ name: 'app', origin, profile: 'debug', triggers: {} });
    expect(locked.components[0]?.env).toEqual({ A: '1' });
  });

  it('repeats the configuration of its single trigger type', () => {
    const text = manifest(`
      application.trigger.redis.address = "redis://r"
      [[trigger.redis]]
      channel = "c"
      component = "a"
      [component.a]
      source = "a.wasm"`);
    expect(lock(text).metadata).toMatchObject({
      trigger: { address: 'redis://r', type: 'redis' },
      triggers: { redis: { address: 'redis://r' } },
    });
  });

  it('names the roles of a trigger', () => {
    const text = manifest(`
      [[trigger.queue]]
      topic = "t"
      components = { first = "a", rest = ["a", { source = "b.wasm" }] }
      [component.a]
      source = "a.wasm"`);
    expect(lock(text).triggers[0]?.trigger_config).toEqual({
      topic: 't',
      components: { first: ['a'], rest: ['a', 'inline-component1'] },
    });
  });

  it('takes files and dependencies from the caller, and what they inherit from the manifest', () => {
    const text = manifest(`
      [[trigger.queue]]
      component = "a"
      [component.a]
      source = "a.wasm"
      [component.a.dependencies]
      "x:all/i" = { path = "p", inherit_configuration = true, export = "e" }
      "x:some" = { path = "p", inherit_configuration = ["files", "variables"] }
      "x:none" = { path = "p" }`);
    const locked = lockApp(parseManifest(text, 'spin.toml').manifest, {
      origin,
      content: () => ({
        source: WASM,
        files: [{ source: 'file:///assets/a', path: '/' }],
        dependencies: new Map(['x:all/i', 'x:some', 'x:none'].map((name) => [name, { ...WASM, source: name }])),
      }),
      triggerContent: noTriggerContent,
    });
    expect(locked.components[0]).toEqual({
      id: 'a',
      source: WASM,
      files: [{ source: 'file:///assets/a', path: '/' }],
      dependencies: {
        'x:all/i': { source: { ...WASM, source: 'x:all/i' }, export: 'e', inherit: 'All' },
        'x:some': { source: { ...WASM, source: 'x:some' }, export: null, inherit: { Some: ['files', 'variables'] } },
        'x:none': { source: { ...WASM, source: 'x:none' }, export: null },
      },
    });
    expect(locked.spin_lock_version).toBe(0);
  });

  it.each([
    ['http://a.spin.internal', true],
    ['http://*.spin.internal', true],
    ['*://A.spin.internal:80', true],
    ['http://spin.internal', false],
    ['http://*:*', false],
    ['http://{{ v }}.spin.internal', false],
  ])('with %s needs service chaining: %s', (host, needed) => {
    const locked = lock(
      manifest(`variables.v = { required = true }
        [[trigger.queue]]
        component = "a"
        [component.a]
        source = "a.wasm"
        allowed_outbound_hosts = ["${host}"]`),
    );
    const demand = locked.components[0]?.host_requirements;
    expect(demand).toEqual(needed ? { local_service_chaining: 'required' } : undefined);
    expect(locked.must_understand).toEqual(needed ? ['component_host_requirements'] : undefined);
    expect(locked.spin_lock_version).toBe(needed ? 1 : 0);
  });
});

describe('middleware', () => {
  it('goes to a copy of a component that another trigger uses without it', () => {
    expect(MIDDLEWARE_LOCKED.components.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'a-for-one']);
    expect(MIDDLEWARE_LOCKED.triggers.map(({ trigger_config: { component } }) => component)).toEqual([
      'a-for-one',
      'a',
      'c',
    ]);
    expect(MIDDLEWARE_LOCKED.components[0]).toEqual({
      id: 'a',
      metadata: { description: 'd' },
      source: { ...WASM, source: 'file:///a.wasm' },
    });
    expect(MIDDLEWARE_LOCKED.components[3]).toEqual({
      id: 'a-for-one',
      metadata: { description: 'd', 'resolve-trigger-dependencies-using': 'http' },
      source: { ...WASM, source: 'file:///a.wasm' },
      trigger_dependencies: {
        middleware: [
          { source: { ...WASM, source: 'm' }, export: null, inherit: 'All' },
          { source: { ...WASM, source: 'b' }, export: null },
        ],
      },
      host_requirements: { middleware: 'required' },
    });
  });

  it('is not lost in silence when its content is not given', () => {
    expect(() => lock(MIDDLEWARE)).toThrow('no content was given for middleware 0 of trigger one');
  });

  it('goes to the component itself when no other trigger uses it', () => {
    expect(MIDDLEWARE_LOCKED.components[2]?.trigger_dependencies).toEqual({
      middleware: [{ source: { ...WASM, source: 'b' }, export: null, inherit: { Some: ['files'] } }],
    });
    expect(MIDDLEWARE_LOCKED.triggers.every((trigger) => trigger.trigger_dependencies === undefined)).toBe(true);
  });
});
