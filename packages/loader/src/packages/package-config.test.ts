import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_PACKAGE_CONFIG, homeOf, readPackageConfig } from './package-config.ts';

const WRITTEN = `
default_registry = "default.example"
[namespace_registries]
wasi = "wasi.example"
mapped = { registry = "local.example", metadata = { preferredProtocol = "oci", oci = { registry = "ghcr.io", namespacePrefix = "web/" } } }
[package_registry_overrides]
"wasi:http" = "http.example"
[registry."plain.example"]
default = "oci"
[registry."plain.example".oci]
protocol = "http"
auth = { username = "open", password = "sesame" }
[registry."wasi.example".oci]
auth = "cGluZzpwb25n"
[registry."old.example"]
type = "warg"
warg = { url = "https://warg.example" }
`;

describe('the registry of a package', () => {
  const config = readPackageConfig(WRITTEN, 'config.toml');
  test.each([
    ['is what the manifest names', 'wasi:http', 'named.example', 'named.example'],
    ['else what is written for the package', 'wasi:http', undefined, 'http.example'],
    ['else what is written for its namespace', 'wasi:clocks', undefined, 'wasi.example'],
    ['else the default', 'other:thing', undefined, 'default.example'],
  ])('%s', (_, name, registry, expected) => {
    expect(homeOf(config, name, registry)?.registry).toBe(expected);
  });

  test('without a configuration only two namespaces are known', () => {
    expect(['wasi:http', 'ba:x', 'me:x'].map((name) => homeOf(EMPTY_PACKAGE_CONFIG, name)?.registry)).toEqual([
      'wasi.dev',
      'bytecodealliance.org',
      undefined,
    ]);
  });

  test('a mapping may say what the registry would say of itself', () => {
    expect(homeOf(config, 'mapped:x')).toEqual({
      registry: 'local.example',
      metadata: { preferredProtocol: 'oci', ociRegistry: 'ghcr.io', ociNamespacePrefix: 'web/' },
    });
  });
});

test('how a registry is reached is read in all its spellings', () => {
  expect(Object.fromEntries(readPackageConfig(WRITTEN, 'config.toml').registries)).toEqual({
    'plain.example': { backend: 'oci', plainHttp: true, credentials: { username: 'open', password: 'sesame' } },
    'wasi.example': { plainHttp: false, credentials: { username: 'ping', password: 'pong' } },
    'old.example': { backend: 'warg', plainHttp: false },
  });
});

describe('what is wrong is told with its place', () => {
  test.each([
    ['default_registry = 1', 'default_registry'],
    ['registry = []', 'registry'],
    ['[namespace_registries]\na = 1', 'namespace_registries.a'],
    ['[package_registry_overrides]\n"a:b" = { registry = "x" }', 'package_registry_overrides.a:b'],
    ['[registry."x".oci]\nprotocol = "ftp"', 'registry.x.oci.protocol'],
    ['[registry."x".oci]\nauth = "bm90aGluZw=="', 'registry.x.oci.auth'],
  ])('%s', (source, field) => {
    const error = refusal(source);
    expect(error.place).toMatchObject({ file: 'config.toml', field });
    expect(error.message).toContain(field);
  });

  test('a password is never part of a message', () => {
    expect(refusal('[registry."x".oci]\nauth = { username = 1, password = "sesame" }').message).not.toContain('sesame');
  });

  test('what is no TOML at all is told with its line', () => {
    expect(refusal('a = 1\nb = ').place).toMatchObject({ file: 'config.toml', line: 2 });
  });
});

test('any text is either read or refused as the user’s mistake', () => {
  const line = fc.constantFrom(
    '[registry."x"]',
    '[registry.x.oci]',
    'auth = "a"',
    'default = 1',
    '[[registry]]',
    'oci = 3',
    'wasi = {}',
    '=',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      expect(outcome(lines.join('\n'))).toMatch(/^(read|UserError)$/);
    }),
  );
});

function outcome(source: string): string {
  try {
    readPackageConfig(source, 'config.toml');
    return 'read';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

function refusal(source: string): UserError {
  try {
    readPackageConfig(source, 'config.toml');
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error(`accepted: ${source}`);
}
