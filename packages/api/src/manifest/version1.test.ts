import { describe, expect, it } from 'vitest';

import { userError } from '../test-support/thrown.ts';
import { parseManifest } from './parse.ts';

const parse = (text: string): ReturnType<typeof parseManifest>['manifest'] => parseManifest(text, 'spin.toml').manifest;

const app = (component: string, top = ''): string => `
spin_manifest_version = "1"
name = "old"
trigger = { type = "http", base = "/" }
${top}
[[component]]
id = "hello"
source = "hello.wasm"
${component}
`;

describe('a version 1 manifest', () => {
  it('is converted', () => {
    const manifest = parse(`
      spin_version = "1"
      name = "old"
      version = "0.1.0"
      description = "d"
      authors = ["A"]
      trigger = { type = "redis", address = "redis://r:6379" }
      [variables]
      v = { default = "x" }
      [[component]]
      id = "Hello_World"
      source = "a.wasm"
      description = "c"
      environment = { A = "1" }
      files = ["f"]
      exclude_files = ["g"]
      allowed_http_hosts = ["a.com:8080"]
      allowed_outbound_hosts = []
      key_value_stores = ["default"]
      sqlite_databases = ["db"]
      ai_models = ["m"]
      [component.trigger]
      channel = "c1"
      [component.config]
      k = "{{ v }}"
      [component.build]
      command = "make"
      [[component]]
      id = "second"
      source = { url = "u", digest = "sha256:${'0'.repeat(64)}" }
      trigger = { channel = "c2" }`);
    expect(manifest.writtenVersion).toBe(1);
    expect(manifest.application).toEqual({
      name: 'old',
      version: '0.1.0',
      description: 'd',
      authors: ['A'],
      targets: [],
      trigger: new Map([['redis', { address: 'redis://r:6379' }]]),
      tool: new Map(),
    });
    expect(manifest.triggers.map(({ id, type, component, config }) => [id, type, component, config])).toEqual([
      ['trigger-hello-world', 'redis', 'hello-world', { channel: 'c1' }],
      ['trigger-second', 'redis', 'second', { channel: 'c2' }],
    ]);
    expect([...manifest.components.keys()]).toEqual(['hello-world', 'second']);
    expect(manifest.components.get('hello-world')).toEqual({
      id: 'hello-world',
      source: { kind: 'local', path: 'a.wasm' },
      description: 'c',
      variables: new Map([['k', '{{ v }}']]),
      environment: new Map([['A', '1']]),
      files: [{ kind: 'pattern', pattern: 'f' }],
      excludeFiles: ['g'],
      allowedOutboundHosts: ['http://a.com:8080', 'https://a.com:8080'],
      keyValueStores: ['default'],
      sqliteDatabases: ['db'],
      aiModels: ['m'],
      build: { command: 'make', watch: [] },
      tool: new Map(),
      dependencies: new Map(),
      profiles: new Map(),
    });
  });

  it.each([
    ['', ['redis://*:*', 'mysql://*:*', 'postgres://*:*']],
    ['allowed_outbound_hosts = []', []],
    ['allowed_outbound_hosts = ["http://x"]', ['http://x']],
    ['allowed_http_hosts = ["x"]', ['redis://*:*', 'mysql://*:*', 'postgres://*:*', 'http://x', 'https://x']],
    ['allowed_outbound_hosts = ["ftp://x:21"]\nallowed_http_hosts = ["self"]', ['ftp://x:21', 'http://self']],
    [
      'allowed_outbound_hosts = []\nallowed_http_hosts = ["x", "insecure:allow-all"]',
      ['http://*:*', 'https://*:*', 'http://self'],
    ],
  ])('%j allows %j', (fields, hosts) => {
    const manifest = parse(app(`${fields}\ntrigger = { route = "/" }`));
    expect(manifest.components.get('hello')?.allowedOutboundHosts).toEqual(hosts);
  });

  it('keeps the base that stands for the root', () => {
    expect(parse(app('trigger = { route = "/" }')).application.trigger).toEqual(new Map([['http', { base: '/' }]]));
  });

  it.each([
    [
      app('trigger = { route = "/" }').replace('base = "/"', 'base = "/x"'),
      'trigger.base',
      "deprecated trigger 'base' field",
    ],
    [app('trigger = { route = "/" }\ncolour = 1'), 'component[0].colour', 'unknown field `colour`'],
    [app(''), 'component[0]', 'missing field `trigger`'],
    [app('trigger = {}'), 'component[0].trigger', 'missing field `route`'],
    [app('trigger = { route = "/", x = 1 }'), 'component[0].trigger.x', 'unknown field `x`'],
    [
      app('trigger = { route = "/" }').replace('"hello"', '"he+llo"'),
      'component[0].id',
      'may only contain alphanumeric ASCII',
    ],
    [
      app('trigger = { route = "/" }\n[[component]]\nid = "HELLO"\nsource = "x"')
        .replace('"hello"', '"Hello"')
        .replace('HELLO', 'heLLo'),
      'component[1].id',
      'duplicate component id "hello"',
    ],
    [app('trigger = { route = "/" }\nconfig = { k = "{{ x }}" }'), 'component[0].config.k', 'unknown variable "x"'],
    [
      app('trigger = { route = "/" }', 'spin_version = "1"\nvariables.a = {}'),
      'variables.a',
      'must be `required` OR have a `default`',
    ],
  ])('refuses what is wrong in it (%#)', (text, field, message) => {
    const error = userError(() => parse(text));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe(field);
  });
});
