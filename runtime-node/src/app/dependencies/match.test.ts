import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchDependencies, type DependencyFacts, type Plug } from './match.ts';

const IMPORTS = [
  'wasi:cli/stdout@0.2.12',
  'acme:text/markdown@1.2.0',
  'acme:text/spelling@1.2.0',
  'acme:text/spelling@2.0.0',
  'acme:sums/add',
  'log',
];

const dependency = (name: string, changes: Partial<DependencyFacts> = {}): DependencyFacts => ({
  name,
  export: null,
  exports: IMPORTS,
  ...changes,
});

const match = (...dependencies: DependencyFacts[]): Plug[] => matchDependencies('main', IMPORTS, dependencies);

function refusal(...dependencies: DependencyFacts[]): UserError {
  try {
    match(...dependencies);
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a dependency satisfies', () => {
  it.each<[string, readonly string[]]>([
    ['acme:text/markdown@1.2.0', ['acme:text/markdown@1.2.0']],
    ['acme:text/markdown', ['acme:text/markdown@1.2.0']],
    ['acme:text/spelling', ['acme:text/spelling@1.2.0', 'acme:text/spelling@2.0.0']],
    ['acme:text/spelling@2.0.0', ['acme:text/spelling@2.0.0']],
    ['acme:text@1.2.0', ['acme:text/markdown@1.2.0', 'acme:text/spelling@1.2.0']],
    ['acme:text', ['acme:text/markdown@1.2.0', 'acme:text/spelling@1.2.0', 'acme:text/spelling@2.0.0']],
    ['acme:sums/add', ['acme:sums/add']],
    ['acme:sums', ['acme:sums/add']],
    ['log', ['log']],
    // Even the host's interfaces, as in Spin.
    ['wasi:cli/stdout', ['wasi:cli/stdout@0.2.12']],
  ])('named %s, the imports that its name leaves open: %j', (name, imports) => {
    expect(match(dependency(name))).toEqual(imports.map((one) => ({ import: one, dependency: 0, export: one })));
  });

  it('an import by the export that it names', () => {
    const spelling = dependency('acme:text/spelling@2.0.0', {
      export: 'mine:own/checker',
      exports: ['mine:own/checker'],
    });
    expect(match(dependency('log'), spelling)).toEqual([
      { import: 'log', dependency: 0, export: 'log' },
      { import: 'acme:text/spelling@2.0.0', dependency: 1, export: 'mine:own/checker' },
    ]);
  });
});

describe('a dependency is refused', () => {
  it.each([
    'acme:text/markdown@1.2.1',
    'acme:text@3.0.0',
    'acme:texts',
    'acme:text/mark',
    'acme:sums/add@1.0.0',
    'logs',
  ])('when it matches no import: %s', (name) => {
    const error = refusal(dependency(name));
    expect(error.message).toBe(`dependency '${name}' doesn't match any imports of component 'main'`);
    expect(error.code).toBe('SPK4060');
    expect(error.place.field).toBe(`component.main.dependencies."${name}"`);
    expect(error.remedy).toBe(
      'Name one of its imports (acme:text/markdown@1.2.0, acme:text/spelling@1.2.0, acme:text/spelling@2.0.0, ' +
        'acme:sums/add, log), or remove the dependency.',
    );
  });

  it('when the component imports nothing that it could satisfy, with another remedy', () => {
    expect(() => matchDependencies('main', ['wasi:cli/stdout@0.2.12'], [dependency('log')])).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining("all that it imports is the host's") }),
    );
  });

  it('when another satisfies the same import, and both are named', () => {
    const error = refusal(dependency('acme:text/spelling'), dependency('acme:text@2.0.0'), dependency('log'));
    expect(error.message).toBe(
      "component 'main' has dependency conflicts: import 'acme:text/spelling@2.0.0' satisfied by dependencies: " +
        "'acme:text/spelling', 'acme:text@2.0.0'",
    );
    expect(error.code).toBe('SPK4061');
  });

  it('when it does not export what it should', () => {
    const error = refusal(dependency('acme:sums/add', { export: 'acme:sums/plus', exports: ['acme:sums/minus'] }));
    expect(error.message).toBe(
      "dependency 'acme:sums/add' doesn't export 'acme:sums/plus' to satisfy import 'acme:sums/add'",
    );
    expect(error.code).toBe('SPK4062');
    expect(error.remedy).toContain('It exports acme:sums/minus.');
  });

  it('when it exports nothing at all', () => {
    expect(refusal(dependency('log', { exports: [] })).remedy).toContain('It exports nothing.');
  });

  it.each(['', 'a:b/', 'a:b@x', '__proto__', ':', 'Log Me'])('when its name is none: %j', (name) => {
    expect(refusal(dependency(name)).code).toBe('SPK4060');
  });
});

/** Undefined for what is refused as a mistake of the user; anything else that is thrown fails the test. */
function plugsOf(imports: readonly string[], dependencies: readonly DependencyFacts[]): Plug[] | undefined {
  try {
    return matchDependencies('main', imports, dependencies);
  } catch (error) {
    if (error instanceof UserError) {
      return undefined;
    }
    throw error;
  }
}

describe('whatever is asked of it, matching', () => {
  const anyName = fc.oneof(fc.constantFrom(...IMPORTS, 'acme:text', 'acme:sums'), fc.string({ maxLength: 20 }));
  const facts = fc.record({
    name: anyName,
    export: fc.option(anyName),
    exports: fc.array(anyName, { maxLength: 5 }),
  });
  const asked = [fc.uniqueArray(anyName), fc.array(facts, { maxLength: 4 })] as const;

  it('plugs an import once, with an export that there is, or refuses with a user error', () => {
    fc.assert(
      fc.property(...asked, (imports, dependencies) => {
        const plugs = plugsOf(imports, dependencies) ?? [];
        expect(new Set(plugs.map((plug) => plug.import)).size).toBe(plugs.length);
        for (const plug of plugs) {
          expect(imports).toContain(plug.import);
          expect(dependencies[plug.dependency]?.exports).toContain(plug.export);
        }
      }),
    );
  });
});
