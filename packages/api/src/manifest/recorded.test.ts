// What Spin itself says to 70 manifests (fixtures/spin-manifests.json), and that we say it at least as clearly.
import { describe, expect, it } from 'vitest';

import type { ErrorPlace } from '../errors.ts';
import { userError } from '../test-support/thrown.ts';
import fixture from './fixtures/spin-manifests.json' with { type: 'json' };
import { parseManifest } from './parse.ts';

type CaseName = keyof typeof fixture.cases;

const parse = (name: CaseName): ReturnType<typeof parseManifest> =>
  parseManifest(fixture.cases[name].manifest, 'spin.toml');

/** Spin refuses these for what the manifest does not say: files, the network, the runtime configuration, the Wasm. */
const REFUSED_LATER: readonly CaseName[] = [
  'source-missing-file',
  'source-not-wasm',
  'source-empty',
  'source-truncated',
  'source-url-refused',
  'files-missing',
  'files-outside',
  'files-source-missing',
  'files-bad-destination',
  'variable-required-unset',
  'kv-unknown-store',
  'sqlite-unknown',
  'executor-wagi',
  'unknown-trigger-type',
  'dependency-unknown-import',
];

/** Recorded with HTTP's flags, which Spin refused before it looked at the manifest. */
const NOT_LOOKED_AT: readonly CaseName[] = ['redis-no-address', 'redis-wrong-export'];

/** Our place, and a text that Spin's answer and ours both hold, word for word. */
const REFUSED: readonly (readonly [CaseName, at: string, field: string | undefined, text: string])[] = [
  ['version-missing', '1:1', undefined, 'missing field `spin_manifest_version`'],
  ['version-string-2', '1:25', 'spin_manifest_version', 'invalid manifest version: "2"'],
  ['version-3', '1:25', 'spin_manifest_version', 'invalid manifest version: 3'],
  ['version-0', '1:25', 'spin_manifest_version', 'invalid manifest version: "0"'],
  ['toml-syntax', '4:15', undefined, 'invalid'],
  ['unknown-top', '9:2', 'surprise', 'unknown field `surprise`, expected one of `spin_manifest_version`,'],
  [
    'unknown-application-field',
    '4:1',
    'application.colour',
    'unknown field `colour`, expected one of `name`, `version`,',
  ],
  ['unknown-component-field', '9:1', 'component.hello.colour', 'unknown field `colour`, expected one of `source`,'],
  [
    'unknown-trigger-field',
    '6:1',
    'trigger.http[0].colour',
    'unknown field `colour`, expected one of `component`, `static_response`, `route`, `executor`',
  ],
  ['no-name', '2:1', 'application', 'missing field `name`'],
  ['no-trigger', '1:1', undefined, 'missing field `trigger`'],
  ['trigger-unknown-component', '6:13', 'trigger.http[0].component', 'no such component "nope"'],
  [
    'trigger-no-component',
    '4:1',
    'trigger.http[0]',
    'Triggers must specify either component or static_response - http-trigger1 has neither',
  ],
  [
    'trigger-both',
    '4:1',
    'trigger.http[0]',
    'Triggers must specify either component or static_response - hello-http-trigger has both',
  ],
  ['route-missing', '4:1', 'trigger.http[0]', 'missing field `route`'],
  [
    'route-private-false',
    '5:7',
    'trigger.http[0].route',
    "route must be a string pattern or '{ private = true }': 'hello' has { private = false }",
  ],
  [
    'base-set',
    '5:6',
    'application.trigger.http.base',
    "This application is using the deprecated trigger 'base' field. The base must be prepended to each [[trigger.http]]'s 'route'.",
  ],
  ['component-id-underscore', '6:13', 'trigger.http[0].component', "words must be separated with '-', not '_'"],
  [
    'component-id-digit',
    '6:13',
    'trigger.http[0].component',
    "'-'-separated words must start with an ASCII letter; got '1'",
  ],
  [
    'component-id-mixed',
    '6:13',
    'trigger.http[0].component',
    `'-'-separated words must be all lowercase or all UPPERCASE; got "heLlo"`,
  ],
  ['source-missing', '7:1', 'component.hello', 'missing field `source`'],
  [
    'source-url-bad-digest',
    '8:48',
    'component.hello.source.digest',
    `invalid \`digest\` "md5:00"; must start with 'sha256:'`,
  ],
  ['variable-neither', '5:3', 'variables.a', 'must be `required` OR have a `default`'],
  ['variable-both', '5:3', 'variables.a', 'must be `required` OR have a `default`'],
  [
    'variable-bad-name',
    '5:1',
    'variables.Bad',
    `'_'-separated words must be all lowercase or all UPPERCASE; got "Bad"`,
  ],
  ['variable-double-underscore', '5:1', 'variables.a__b', "'_'-separated words must not be empty"],
  ['variable-unknown', '10:3', 'component.hello.variables.k', 'invalid variable template: unknown variable "nope"'],
  [
    'variable-unmatched',
    '12:3',
    'component.hello.variables.k',
    "invalid variable template: unmatched '{{' in template",
  ],
  [
    'hosts-no-scheme',
    '9:25',
    'component.hello.allowed_outbound_hosts[0]',
    `"example.com" does not contain a scheme (e.g., 'http://' or '*://')\nLearn more: https://spinframework.dev/v3/http-outbound#granting-http-permissions-to-components`,
  ],
  ['hosts-path', '9:25', 'component.hello.allowed_outbound_hosts[0]', 'must not include a path'],
  // Spin: Condition failed: `host.ends_with('}')`
  ['hosts-list', '9:25', 'component.hello.allowed_outbound_hosts[0]', 'Invalid allowed host "{a,b}.com"'],
  [
    'hosts-no-port',
    '9:25',
    'component.hello.allowed_outbound_hosts[0]',
    'no port was provided and the scheme "ftp" does not have a known default port number',
  ],
  [
    'hosts-star-no-port',
    '9:25',
    'component.hello.allowed_outbound_hosts[0]',
    'no port was provided and the scheme "*" does not have a known default port number',
  ],
  [
    'hosts-insecure',
    '9:24',
    'component.hello.allowed_outbound_hosts',
    "'insecure:allow-all' is not allowed - use '*://*:*' instead if you really want to allow all outbound traffic'",
  ],
  [
    'hosts-star',
    '9:25',
    'component.hello.allowed_outbound_hosts[0]',
    `"*" is not an allowed outbound host format.\nHosts must be in the form <scheme>://<host>[:<port>], with '*' wildcards allowed for each.\nIf you intended to allow all outbound networking, you can use '*://*:*' - this will obviate all network sandboxing.`,
  ],
  ['kv-bad-label', '9:19', 'component.hello.key_value_stores[0]', 'expected kebab-case or snake_case'],
  [
    'executor-wasi',
    '7:16',
    'trigger.http[0].executor.type',
    'unknown variant `wasi`, expected one of `http`, `spin`, `wagi`',
  ],
  // Spin: dependency Id("foo") must specify a package name
  ['dependency-plain-no-package', '10:5', 'component.hello.dependencies.foo', 'must specify a package name'],
  [
    'v1-allowed-http-hosts',
    '8:20',
    'component[0].allowed_http_hosts',
    'One or more allowed_http_hosts entries was invalid:\nhttp://a.com/path contains a path, should be host and optional port only',
  ],
  [
    'v1-unknown-field',
    '4:1',
    'colour',
    'unknown field `colour`, expected one of `spin_manifest_version`, `spin_version`, `name`,',
  ],
];

const names = Object.keys(fixture.cases) as CaseName[];
const at = ({ line, column }: ErrorPlace): string => `${line}:${column}`;

describe('what Spin refuses for the manifest alone', () => {
  it.each(REFUSED)('%s is refused at %s of spin.toml', (name, place, field, text) => {
    const error = userError(() => parse(name));
    expect(error.message).toContain(text);
    expect(fixture.cases[name].stderr.join('\n')).toContain(text);
    expect(at(error.place)).toBe(place);
    expect(error.place.field).toBe(field);
    expect(error.place.file).toBe('spin.toml');
    expect(error.remedy).toMatch(/^[A-Z].*[.`]$/);
  });

  it('is all there is in the record', () => {
    const refused = names.filter((name) => !fixture.cases[name].started);
    expect(new Set([...REFUSED.map(([name]) => name), ...REFUSED_LATER, ...NOT_LOOKED_AT])).toEqual(new Set(refused));
    expect(names).toHaveLength(70);
  });
});

describe('what Spin starts', () => {
  it.each(names.filter((name) => fixture.cases[name].started))('%s is read', (name) => {
    expect(parse(name).manifest.application.name).toBe('app');
  });
});

describe('what Spin refuses for something else', () => {
  it.each(REFUSED_LATER)('%s is read', (name) => {
    expect(parse(name).warnings).toEqual([]);
  });
});

describe('what Spin shows of the text', () => {
  // Word for word the same as Spin's, with the carets.
  it.each([
    'unknown-top',
    'unknown-application-field',
    'unknown-component-field',
    'no-name',
    'no-trigger',
    'component-id-underscore',
    'component-id-digit',
    'component-id-mixed',
    'source-missing',
    'variable-bad-name',
    'variable-double-underscore',
    'v1-unknown-field',
  ] as const)('%s is shown alike', (name) => {
    expect(`Error: ${userError(() => parse(name)).message}`).toBe(fixture.cases[name].stderr.join('\n'));
  });
});

describe('warnings', () => {
  it.each([
    ['base-slash', 'base'],
    ['static-bad-status', '9999'],
    ['hosts-template-unknown', 'allows nothing: the application has no variable "h"'],
  ] as const)('%s is warned of', (name, text) => {
    expect(parse(name).warnings).toEqual([expect.stringContaining(text)]);
  });

  it('are not given for what is in order', () => {
    expect(parse('ok-minimal').warnings).toEqual([]);
  });
});

describe('Redis without an address', () => {
  it('is refused, with the place', () => {
    const error = userError(() => parse('redis-no-address'));
    expect(error.message).toBe('the Redis trigger hello-redis-trigger has no address');
    expect(at(error.place)).toBe('4:1');
  });

  it('may take it from the application', () => {
    expect(parse('redis-wrong-export').manifest.triggers).toEqual([
      {
        id: 'hello-redis-trigger',
        type: 'redis',
        component: 'hello',
        components: new Map(),
        dependencies: new Map(),
        config: { channel: 'c' },
      },
    ]);
  });
});
