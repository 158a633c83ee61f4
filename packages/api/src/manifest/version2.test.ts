import { describe, expect, it } from 'vitest';

import { userError } from '../test-support/thrown.ts';
import { parseManifest } from './parse.ts';
import type { AppManifest, ComponentManifest } from './types.ts';

const parse = (text: string): AppManifest => parseManifest(text, 'spin.toml').manifest;

const component = (manifest: AppManifest, id: string): ComponentManifest => {
  const found = manifest.components.get(id);
  if (found === undefined) {
    throw new Error(`no component ${id}`);
  }
  return found;
};

const minimal = (rest = ''): string =>
  `spin_manifest_version = 2
[application]
name = "app"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "hello.wasm"
${rest}
`;

const MAXIMAL = `
spin_manifest_version = 2

[application]
name = "maximal"
version = "1.2.3"
description = "all of it"
authors = ["A <a@example.com>", "B"]
targets = ["spin-up:3.3", { url = "https://example.com/t" }, { path = "target.toml" }]

[application.trigger.redis]
address = "redis://{{ host }}:6379"

[application.tool.lint]
level = 3

[variables]
host = { default = "example.com", description = "where" }
token = { required = true, secret = true }

[[trigger.http]]
id = "main"
route = "/users/:id/..."
component = "hello"
executor = { type = "wagi", argv = "x \${ARGS}" }

[[trigger.http]]
route = { private = true }
component = "other"

[[trigger.redis]]
channel = "news"
component = "hello"

[[trigger.alarm]]
component = "hello"
cron_expression = "1/30 * * * * *"
nested = { since = 2026-11-21, list = [1, 1.5, true, { deep = "x" }] }

[component.hello]
description = "says hello"
source = { url = "https://example.com/h.wasm", digest = "sha256:${'A1'.repeat(32)}" }
environment = { LANG = "C", PATH = "{{ not_a_template }}" }
files = ["assets/*", { source = "static", destination = "/www" }]
exclude_files = ["**/.git"]
allowed_outbound_hosts = ["https://{{ host }}", "redis://*:*"]
key_value_stores = ["default", "my_store"]
sqlite_databases = ["my-db"]
ai_models = ["llama2-chat"]
targets = []
[component.hello.variables]
url = "https://{{ host }}/{{token}}"
[component.hello.build]
command = ["npm ci", "npm run build"]
workdir = "hello"
watch = ["src/**/*.ts"]
[component.hello.tool.spin-test]
dir = "test"
[component.hello.dependencies]
"acme:text/upper@1.2.0" = ">=1.0, <2.0"
"acme:text/lower" = { version = "1", registry = "reg.example", package = "other:text", export = "low" }
"acme:store" = { component = "other", inherit_configuration = ["files", "nonsense"] }
plain = { path = "p.wasm", inherit_configuration = true }
[component.hello.profile.debug]
source = "debug.wasm"
environment = { DEBUG = "1" }
build.command = "npm run debug"

[component.other]
source = { registry = "reg.example", package = "acme:other", version = "1.0.0-rc.1" }
`;

describe('a version 2 manifest', () => {
  it('is read whole', () => {
    const { manifest, warnings } = parseManifest(MAXIMAL, 'spin.toml');
    expect(warnings).toEqual([expect.stringContaining('"nonsense"')]);
    expect(manifest.writtenVersion).toBe(2);
    expect(manifest.application).toEqual({
      name: 'maximal',
      version: '1.2.3',
      description: 'all of it',
      authors: ['A <a@example.com>', 'B'],
      targets: [
        { kind: 'catalogue', name: 'spin-up:3.3' },
        { kind: 'http', url: 'https://example.com/t' },
        { kind: 'local', path: 'target.toml' },
      ],
      trigger: new Map([['redis', { address: 'redis://{{ host }}:6379' }]]),
      tool: new Map([['lint', { level: 3 }]]),
    });
    expect(manifest.variables).toEqual(
      new Map([
        ['host', { default: 'example.com', description: 'where', secret: false }],
        ['token', { secret: true }],
      ]),
    );
    expect(manifest.triggers.map(({ id, type, component: of, config }) => [id, type, of, config])).toEqual([
      ['main', 'http', 'hello', { executor: { argv: 'x ${ARGS}', type: 'wagi' }, route: '/users/:id/...' }],
      ['other-http-trigger', 'http', 'other', { route: { private: true } }],
      ['hello-redis-trigger', 'redis', 'hello', { channel: 'news' }],
      [
        'hello-alarm-trigger',
        'alarm',
        'hello',
        {
          cron_expression: '1/30 * * * * *',
          nested: { list: [1, 1.5, true, { deep: 'x' }], since: '2026-11-21' },
        },
      ],
    ]);
    expect(component(manifest, 'hello')).toEqual({
      id: 'hello',
      description: 'says hello',
      source: { kind: 'http', url: 'https://example.com/h.wasm', digest: `sha256:${'a1'.repeat(32)}` },
      environment: new Map([
        ['LANG', 'C'],
        ['PATH', '{{ not_a_template }}'],
      ]),
      variables: new Map([['url', 'https://{{ host }}/{{token}}']]),
      files: [
        { kind: 'pattern', pattern: 'assets/*' },
        { kind: 'placement', source: 'static', destination: '/www' },
      ],
      excludeFiles: ['**/.git'],
      allowedOutboundHosts: ['https://{{ host }}', 'redis://*:*'],
      keyValueStores: ['default', 'my_store'],
      sqliteDatabases: ['my-db'],
      aiModels: ['llama2-chat'],
      targets: [],
      build: { command: ['npm ci', 'npm run build'], workdir: 'hello', watch: ['src/**/*.ts'] },
      tool: new Map([['spin-test', { dir: 'test' }]]),
      dependencies: new Map([
        [
          'acme:text/upper@1.2.0',
          {
            name: {
              kind: 'package',
              text: 'acme:text/upper@1.2.0',
              package: 'acme:text',
              interface: 'upper',
              version: '1.2.0',
            },
            from: { kind: 'package', package: 'acme:text', version: '>=1.0, <2.0' },
            inherit: [],
          },
        ],
        [
          'acme:text/lower',
          {
            name: { kind: 'package', text: 'acme:text/lower', package: 'acme:text', interface: 'lower' },
            from: { kind: 'package', package: 'other:text', version: '1', registry: 'reg.example' },
            export: 'low',
            inherit: [],
          },
        ],
        [
          'acme:store',
          {
            name: { kind: 'package', text: 'acme:store', package: 'acme:store' },
            from: { kind: 'component', component: 'other' },
            inherit: ['files'],
          },
        ],
        ['plain', { name: { kind: 'plain', text: 'plain' }, from: { kind: 'local', path: 'p.wasm' }, inherit: 'all' }],
      ]),
      profiles: new Map([
        [
          'debug',
          {
            source: { kind: 'local', path: 'debug.wasm' },
            environment: new Map([['DEBUG', '1']]),
            dependencies: new Map(),
            buildCommand: 'npm run debug',
          },
        ],
      ]),
    });
    expect(component(manifest, 'other').source).toEqual({
      kind: 'package',
      package: 'acme:other',
      version: '1.0.0-rc.1',
      registry: 'reg.example',
    });
  });

  it('keeps ids that JavaScript objects have members of', () => {
    const manifest = parse(`spin_manifest_version = 2
      application.name = "app"
      [variables]
      constructor = { default = "v" }
      [[trigger.http]]
      route = "/"
      component = "constructor"
      [component.constructor]
      source = "a.wasm"
      environment = { __proto__ = "x", toString = "y" }
      variables = { constructor = "{{ constructor }}" }`);
    expect([...manifest.components.keys()]).toEqual(['constructor']);
    expect(component(manifest, 'constructor').environment).toEqual(
      new Map([
        ['__proto__', 'x'],
        ['toString', 'y'],
      ]),
    );
  });

  it('does not take a member of JavaScript objects for a variable', () => {
    const error = userError(() => parse(minimal('variables = { a = "{{ constructor }}" }')));
    expect(error.message).toBe('invalid variable template: unknown variable "constructor"');
  });

  it('converts the deprecated allowed_http_hosts, and says how to mend it', () => {
    const { manifest, warnings } = parseManifest(
      minimal('allowed_outbound_hosts = ["redis://r"]\nallowed_http_hosts = ["a.com", "self"]'),
      'spin.toml',
    );
    expect(component(manifest, 'hello').allowedOutboundHosts).toEqual([
      'redis://r',
      'http://a.com',
      'https://a.com',
      'http://self',
    ]);
    expect(warnings).toEqual([
      'Use of the deprecated field `allowed_http_hosts` - to fix, replace `allowed_http_hosts` with ' +
        '`allowed_outbound_hosts = ["http://a.com","https://a.com","http://self"]`',
    ]);
  });
});

describe('a fault in a version 2 manifest', () => {
  it.each([
    [
      'key_value_stores = "default"',
      'component.hello.key_value_stores',
      'invalid type: string "default", expected a sequence',
    ],
    ['environment = { A = 1 }', 'component.hello.environment.A', 'invalid type: integer `1`, expected a string'],
    ['description = 1.5', 'component.hello.description', 'invalid type: floating point `1.5`, expected a string'],
    ['variables = []', 'component.hello.variables', 'invalid type: sequence, expected a map'],
    ['variables = { A = "x" }', 'component.hello.variables.A', 'Lower-case identifiers must be all lowercase; got "A"'],
    ['files = [1]', 'component.hello.files[0]', 'an entry of `files` must be'],
    ['files = [{ source = "a" }]', 'component.hello.files[0]', 'missing field `destination`'],
    ['files = [{ source = "a", destination = "/", x = 1 }]', 'component.hello.files[0].x', 'unknown field `x`'],
    ['build = {}', 'component.hello.build', 'missing field `command`'],
    ['build = { command = "x", shell = "y" }', 'component.hello.build.shell', 'unknown field `shell`'],
    ['targets = [{ url = "a", path = "b" }]', 'component.hello.targets[0]', 'a target must be'],
    ['profile.x.files = []', 'component.hello.profile.x.files', 'unknown field `files`'],
    ['tool.x.n = 9223372036854775807', 'component.hello.tool.x.n', 'invalid value: integer `9223372036854775807`'],
    ['tool.x.n = inf', 'component.hello.tool.x.n', 'expected a finite number'],
    ['[component.other]\nsource = { url = "u" }', 'component.other.source', 'missing field `digest`'],
    [
      '[component.other]\nsource = { url = "u", digest = "sha256:00" }',
      'component.other.source.digest',
      "'sha256:' must be followed by 64 hex digits",
    ],
    ['[component.other]\nsource = { package = "a:b" }', 'component.other.source', 'missing field `version`'],
    [
      '[component.other]\nsource = { package = "ab", version = "1.0.0" }',
      'component.other.source.package',
      'invalid package name "ab"',
    ],
    [
      '[component.other]\nsource = { package = "a:b", version = ">=1" }',
      'component.other.source.version',
      'invalid semantic version (">=1")',
    ],
    [
      '[component.other]\nsource = { pakage = "a:b", version = "1.0.0" }',
      'component.other.source.pakage',
      'unknown field `pakage`',
    ],
    ['[component.other]\nsource = 1', 'component.other.source', '`source` must be a path'],
    ['[component.a_b]\nsource = "x"', 'component.a_b', "words must be separated with '-', not '_'"],
    ['[component.other]', 'component.other', 'missing field `source`'],
    ['[trigger.queue]\ntopic = "x"', 'trigger.queue', 'invalid type: map, expected a sequence'],
    [
      '[[trigger.queue]]\ncomponents.a = ["hello", "nope"]',
      'trigger.queue[0].components.a',
      'no such component "nope"',
    ],
    [
      '[[trigger.http]]\nroute = "/:"\ncomponent = "hello"',
      'trigger.http[1].route',
      'Error parsing route /: associated with component hello: params must be named',
    ],
    [
      '[[trigger.http]]\nroute = "/x"\nstatic_response = { status = 1 }',
      'trigger.http[1].static_response.status',
      'unknown field `status`',
    ],
    [
      '[[trigger.http]]\nroute = "/x"\nstatic_response = { status_code = 99999 }',
      'trigger.http[1].static_response.status_code',
      'invalid value: integer `99999`',
    ],
    [
      '[[trigger.http]]\nroute = "/x"\ncomponent = "hello"\nexecutor = { type = "wagi", entrypoint = "main" }',
      'trigger.http[1].executor.entrypoint',
      "cannot use deprecated 'entrypoint' field",
    ],
    [
      '[[trigger.http]]\nroute = "/x"\ncomponent = "hello"\ndependencies.sidecar = []',
      'trigger.http[1].dependencies.sidecar',
      "the HTTP trigger's only allowed trigger dependency is `middleware`",
    ],
    [
      '[[trigger.http]]\nroute = "/x"\ncomponent = "hello"\ndependencies.middleware = [{ component = "nope" }]',
      'trigger.http[1].dependencies.middleware[0]',
      'no such component "nope"',
    ],
    [
      '[[trigger.http]]\nroute = "/x"\ncomponent = "hello"\ndependencies.middleware = [{ version = "1" }]',
      'trigger.http[1].dependencies.middleware[0]',
      'missing field `package`',
    ],
    ['[[trigger.redis]]\nchannel = "x"\naddress = "redis://r"', 'trigger.redis[0]', 'missing field `component`'],
    ['[[trigger.redis]]\ncomponent = "hello"\naddress = "redis://r"', 'trigger.redis[0]', 'missing field `channel`'],
    [
      '[application.trigger.redis]\nadress = "redis://r"',
      'application.trigger.redis.adress',
      'unknown field `adress`, expected one of `address`',
    ],
  ])('%j: at %s', (line, field, message) => {
    const error = userError(() => parse(minimal(line)));
    expect(error.message).toContain(message);
    expect(error.place).toMatchObject({ file: 'spin.toml', field, line: expect.any(Number) });
  });

  it('does not show the value of a secret default', () => {
    const text = minimal('allowed_outbound_hosts = ["{{ url }}"]').replace(
      '[[trigger',
      '[variables]\nurl = { default = "hunter2", secret = true }\n[[trigger',
    );
    const error = userError(() => parse(text));
    expect(error.message).toBe(
      '`allowed_outbound_hosts` is malformed: using default variable value(s) with template "{{ url }}" results in invalid config',
    );
    expect(JSON.stringify(error) + error.remedy).not.toContain('hunter2');
  });

  it('shows what a default makes of a template', () => {
    const text = minimal('allowed_outbound_hosts = ["https://{{ host }}/x"]').replace(
      '[[trigger',
      '[variables]\nhost = { default = "a.com" }\n[[trigger',
    );
    expect(userError(() => parse(text)).message).toBe(
      '`allowed_outbound_hosts` is malformed: using default variable value(s) with template "https://{{ host }}/x" ' +
        'results in invalid config "https://a.com/x": Invalid allowed host "a.com/x": must not include a path',
    );
  });
});
