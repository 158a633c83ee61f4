// The import law (ARCHITECTURE.md): edges between parts go one way, through public entries, and files form no cycle.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Each part, and the parts it may import. */
const LAW: Readonly<Record<string, readonly string[]>> = {
  'packages/api': [],
  'packages/oci': ['packages/api'],
  'packages/loader': ['packages/api', 'packages/oci'],
  'packages/kube': ['packages/api'],
  operator: ['packages/api', 'packages/kube'],
  shim: ['packages/api', 'packages/oci'],
  'runtime-node': ['packages/api'],
  cli: ['packages/api', 'packages/oci', 'packages/loader', 'packages/kube', 'runtime-node'],
};

/** Inside the runtime: each folder of src, and the folders it may import. `host` never knows a trigger. */
const RUNTIME_LAW: Readonly<Record<string, readonly string[]>> = {
  ffi: [],
  limits: [],
  metrics: ['telemetry'],
  telemetry: [],
  component: ['ffi', 'limits'],
  host: ['component', 'limits', 'telemetry'],
  logs: ['host'],
  app: ['component', 'host', 'limits', 'telemetry'],
  triggers: ['app', 'component', 'host', 'limits', 'metrics', 'telemetry'],
  threads: ['component', 'ffi', 'host', 'limits', 'metrics', 'telemetry'],
  run: ['app', 'component', 'host', 'limits', 'logs', 'metrics', 'telemetry', 'threads', 'triggers'],
};

/** Inside the operator. What is decided (`plan`, `admission`) knows nothing of the cluster or of this process. */
const OPERATOR_LAW: Readonly<Record<string, readonly string[]>> = {
  plan: [],
  admission: ['plan'],
  certificates: ['admission'],
  reconcile: ['plan'],
  operations: ['admission', 'certificates', 'plan', 'reconcile'],
};

const PACKAGE_NAMES: Readonly<Record<string, string>> = {
  '@spindle/api': 'packages/api',
  '@spindle/oci': 'packages/oci',
  '@spindle/loader': 'packages/loader',
  '@spindle/kube': 'packages/kube',
  '@spindle/runtime': 'runtime-node',
  '@spindle/shim': 'shim',
  '@spindle/cli': 'cli',
};

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^'"]*?from)?\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      return name === 'node_modules' ? [] : sourceFiles(path);
    }
    return name.endsWith('.ts') && !name.endsWith('.test.ts') ? [path] : [];
  });
}

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => (match[1] ?? match[2]) as string);

const partOf = (file: string): string =>
  Object.keys(LAW).find((part) => relative(ROOT, file).startsWith(`${part}/`)) ?? '';

const files = Object.keys(LAW).flatMap((part) => sourceFiles(join(ROOT, part, 'src')));

describe('the import law', () => {
  it('sees the source files of every part', () => {
    for (const part of Object.keys(LAW)) {
      expect(files.some((file) => partOf(file) === part)).toBe(true);
    }
  });

  it('lets a part import only the parts below it, each by its package name', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const from = partOf(file);
        if (specifier.startsWith('.')) {
          const target = partOf(resolve(dirname(file), specifier));
          return target === from ? [] : [`${relative(ROOT, file)} reaches into ${specifier}`];
        }
        if (!specifier.startsWith('@spindle/')) {
          return [];
        }
        // A server in memory for tests, which have folders of their own.
        const isForTests = specifier === '@spindle/kube/testing' && dirname(file).endsWith('/testing');
        const target = PACKAGE_NAMES[isForTests ? '@spindle/kube' : specifier];
        return target !== undefined && LAW[from]?.includes(target)
          ? []
          : [`${relative(ROOT, file)} imports ${specifier}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['runtime-node', RUNTIME_LAW],
    ['operator', OPERATOR_LAW],
  ])('lets a folder of %s import only the folders below it', (part, law) => {
    const root = join(ROOT, part, 'src');
    const folderOf = (file: string): string => relative(root, file).split('/')[0] ?? '';
    const folders = readdirSync(root).filter((name) => statSync(join(root, name)).isDirectory());
    expect(folders.filter((folder) => !Object.hasOwn(law, folder))).toEqual([]);
    const wrong = files
      .filter((file) => partOf(file) === part && folderOf(file) in law)
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => folderOf(resolve(dirname(file), specifier)))
          .filter((target) => target !== folderOf(file) && !law[folderOf(file)]?.includes(target))
          .map((target) => `${relative(ROOT, file)} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('has no cycle between files', () => {
    const graph = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => resolve(dirname(file), specifier)),
      ]),
    );
    expect(findCycle(graph)?.map((file) => relative(ROOT, file))).toBeUndefined();
  });
});

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) {
      return [...path.slice(path.indexOf(file)), file];
    }
    if (done.has(file)) {
      return undefined;
    }
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle !== undefined) {
        return cycle;
      }
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) {
      return cycle;
    }
  }
  return undefined;
}
