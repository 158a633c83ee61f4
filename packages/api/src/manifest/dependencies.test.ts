import { describe, expect, it } from 'vitest';

import { userError } from '../test-support/thrown.ts';
import { dependencyContent } from './dependency-rules.ts';
import { namesConflict, parseDependencyName } from './dependency-name.ts';
import { parseManifest } from './parse.ts';
import { applyProfile } from './profile.ts';
import type { AppManifest, DependencyName } from './types.ts';

const parse = (rest: string): AppManifest =>
  parseManifest(
    `spin_manifest_version = 2
application.name = "app"
[[trigger.queue]]
component = "a"
[component.a]
source = "a.wasm"
${rest}`,
    'spin.toml',
  ).manifest;

const dependencies = (...lines: string[]): string => ['[component.a.dependencies]', ...lines].join('\n');

describe('the name of a dependency', () => {
  it.each([
    ['foo-bar', { kind: 'plain', text: 'foo-bar' }],
    ['a:b', { kind: 'package', text: 'a:b', package: 'a:b' }],
    ['a:b/c', { kind: 'package', text: 'a:b/c', package: 'a:b', interface: 'c' }],
    ['a:b@1.0.0', { kind: 'package', text: 'a:b@1.0.0', package: 'a:b', version: '1.0.0' }],
    [
      'a:b/c@0.2.0-rc.1+x',
      { kind: 'package', text: 'a:b/c@0.2.0-rc.1+x', package: 'a:b', interface: 'c', version: '0.2.0-rc.1+x' },
    ],
    ['foo_bar', { kind: 'invalid', problem: "words must be separated with '-', not '_'" }],
    ['', { kind: 'invalid', problem: 'empty' }],
    ['a/b', { kind: 'invalid', problem: 'invalid package name "a": expected namespace:name' }],
    ['a:b:c', { kind: 'invalid', problem: 'invalid package name "a:b:c": expected namespace:name' }],
    ['a:', { kind: 'invalid', problem: 'invalid package name "a:": empty' }],
    ['a:b/', { kind: 'invalid', problem: 'empty' }],
    ['a:b@1', { kind: 'invalid', problem: 'invalid semantic version "1"' }],
  ])('%j', (text, expected) => {
    expect(parseDependencyName(text)).toEqual(expected);
  });

  it.each([
    ['a:b', 'a:b/c', true],
    ['a:b/c', 'a:b/d', false],
    ['a:b/c@1.0.0', 'a:b/c@1.2.0', true],
    ['a:b/c@1.0.0', 'a:b/c@2.0.0', false],
    ['a:b@0.1.0', 'a:b@0.2.0', false],
    ['a:b@1.0.0', 'a:b', true],
    ['a:b', 'a:c', false],
    ['foo', 'foo', false],
  ])('%s and %s conflict: %s', (one, other, expected) => {
    const [first, second] = [one, other].map(parseDependencyName) as [DependencyName, DependencyName];
    expect(namesConflict(first, second)).toBe(expected);
    expect(namesConflict(second, first)).toBe(expected);
  });
});

describe('dependencies of a component', () => {
  it('inherit all when the component says so', () => {
    const manifest = parse(
      `dependencies_inherit_configuration = true\n${dependencies('"x:y" = "1"', '"x:z" = { path = "z.wasm" }')}`,
    );
    const inherits = [...(manifest.components.get('a')?.dependencies.values() ?? [])].map(({ inherit }) => inherit);
    expect(inherits).toEqual(['all', 'all']);
  });

  it('may be other components, and are then found where those are', () => {
    const manifest = parse(`${dependencies('"x:y" = { component = "b" }')}\n[component.b]\nsource = "b.wasm"`);
    const dependency = manifest.components.get('a')?.dependencies.get('x:y');
    expect(dependency?.from).toEqual({ kind: 'component', component: 'b' });
    expect(dependencyContent(manifest, { kind: 'component', component: 'b' })).toEqual({
      kind: 'local',
      path: 'b.wasm',
    });
    expect(dependencyContent(manifest, { kind: 'local', path: 'c.wasm' })).toEqual({ kind: 'local', path: 'c.wasm' });
    expect(userError(() => dependencyContent(manifest, { kind: 'component', component: 'c' })).message).toBe(
      'dependency ID c does not exist',
    );
  });

  it.each([
    ['foo = "1.0"', 'foo', 'dependency "foo" must specify a package name'],
    ['foo = { version = "1.0" }', 'foo', 'dependency "foo" must specify a package name'],
    [
      '"x:y" = { path = "p", export = "e" }',
      '"x:y"',
      'using an export to satisfy the package dependency "x:y" is not currently permitted',
    ],
    ['"x:y" = { path = "p", sha = "e" }', '"x:y".sha', 'unknown field `sha`'],
    ['"x:y" = { url = "u", sha256 = "sha256:00" }', '"x:y".sha256', 'unknown field `sha256`'],
    ['"x:y" = {}', '"x:y"', 'a dependency must have one of `version`, `path`, `url`, `component`'],
    ['"x:y" = "latest"', '"x:y"', 'an invalid semantic version requirement ("latest")'],
    ['"x:y" = { version = "1", package = "q" }', '"x:y".package', 'invalid package name "q"'],
    ['"x:y" = { component = "B_" }', '"x:y".component', "words must be separated with '-'"],
    ['"x:y" = { component = "none" }', '"x:y"', 'dependency ID none does not exist'],
    ['"x_y" = "1"', 'x_y', "words must be separated with '-'"],
    ['"x:y" = { path = "p", inherit_configuration = 1 }', '"x:y".inherit_configuration', 'expected a sequence'],
    ['"x:y" = "1"\n"x:y/z" = "1"', '"x:y/z"', '"x:y" dependency conflicts with "x:y/z"'],
  ])('are refused: %s', (line, name, message) => {
    const error = userError(() => parse(dependencies(line)));
    expect(error.message).toContain(message);
    expect(error.place.field).toBe(`component.a.dependencies.${name}`);
    expect(error.place.line).toBeGreaterThan(7);
  });

  it('say in one place only what they inherit', () => {
    const error = userError(() =>
      parse(
        `dependencies_inherit_configuration = false\n${dependencies('"x:y" = { path = "p", inherit_configuration = true }')}`,
      ),
    );
    expect(error.message).toContain('cannot be used together');
  });

  it('may have nothing of their own when they are components', () => {
    const error = userError(() =>
      parse(`${dependencies('"x:y" = { component = "b" }')}
        [component.b]
        source = "b.wasm"
        files = ["f"]
        ai_models = ["m"]
        environment = { A = "1" }`),
    );
    expect(error.message).toBe(
      'Dependencies may not have their own resources or permissions. ' +
        'Component b cannot be used as a dependency of a because it specifies: ai_models, environment, files',
    );
  });
});

describe('a profile', () => {
  const manifest = parse(`environment = { A = "1", B = "1" }
    dependencies."x:y" = { path = "y.wasm" }
    [component.a.build]
    command = "make"
    watch = ["src"]
    [component.a.profile.debug]
    source = "debug.wasm"
    environment = { B = "2", C = "2" }
    build.command = ["make debug"]
    dependencies."x:y" = { path = "debug-y.wasm" }
    [component.b]
    source = "b.wasm"
    [component.b.profile.quick]
    build.command = "make quick"
    environment = {}`);

  it('overrides what it names, and nothing else', () => {
    const debug = applyProfile(manifest, 'debug');
    expect(debug.profile).toBe('debug');
    expect(debug.components.get('b')).toBe(manifest.components.get('b'));
    expect(debug.components.get('a')).toMatchObject({
      source: { kind: 'local', path: 'debug.wasm' },
      build: { command: ['make debug'], watch: ['src'] },
      environment: new Map([
        ['A', '1'],
        ['B', '2'],
        ['C', '2'],
      ]),
    });
    expect(debug.components.get('a')?.dependencies.get('x:y')?.from).toEqual({ kind: 'local', path: 'debug-y.wasm' });
  });

  it('may bring a build to a component that has none', () => {
    expect(applyProfile(manifest, 'quick').components.get('b')?.build).toEqual({ command: 'make quick', watch: [] });
  });

  it('must be one of the application', () => {
    const error = userError(() => applyProfile(manifest, 'release'));
    expect(error.message).toBe('Profile release is not defined in this application');
    expect(error.remedy).toBe('Choose one of debug, quick.');
    expect(userError(() => applyProfile(parse(''), 'x')).remedy).toContain('leave --profile out');
  });

  it('may not break the rules of dependencies', () => {
    const app = parse(`${dependencies('"x:y" = { component = "b" }')}
      [component.b]
      source = "b.wasm"
      [component.b.profile.p]
      environment = { A = "1" }`);
    const error = userError(() => applyProfile(app, 'p'));
    expect(error.message).toContain('it specifies: environment');
    expect(error.place.field).toBe('component.a.profile.p.dependencies');
  });
});
