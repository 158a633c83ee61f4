// How a Spin application's container is run: its process becomes the runtime of this node, mounted read-only, and everything
// else of its specification stays: user, capabilities, namespaces, limits, seccomp, volumes (control-plane.md §7.3). Pure.
import type { Spec } from '../task/bundle.ts';

/** Where the node has what is mounted. */
export interface RuntimeFiles {
  /** A file tree as the runtime's image has it: Node, the libraries that it needs, the bundle. */
  readonly tree: string;
  /** The module that Node loads first: src/app/first-module.cjs. */
  readonly firstModule: string;
}

export type AppSource =
  /** A reference with a digest, all of whose content is in the folder of the node. */
  | { readonly kind: 'artefact'; readonly reference: string; readonly folder: string }
  /** `/spin.toml` in the container. */
  | { readonly kind: 'file' };

export interface AppContainer {
  readonly source: AppSource;
  /** Names of the application's variables, as far as they are known. */
  readonly variables: readonly string[];
  readonly isCommand: boolean;
  /** What is in the root file system of the container. */
  has(path: string): boolean;
}

const APP = '/.spindle/app';
const RUNTIME = '/.spindle/runtime';
const FIRST_MODULE = '/.spindle/first-module.cjs';
/** Folders of the tree that Node needs at these places. */
const SYSTEM_FOLDERS = ['/usr', '/lib', '/lib64'] as const;
const LOADER_CACHE = '/etc/ld.so.cache';
const READ_ONLY = ['rbind', 'ro', 'nosuid', 'nodev'];

const LISTEN = 'SPIN_HTTP_LISTEN_ADDR';
/** Upstream's default; Spin's own is another. */
const LISTEN_ADDRESS = '0.0.0.0:80';
const STATE_FOLDER = '/.spin';
const RUNTIME_CONFIG = '/runtime-config.toml';

export function appContainerSpec(spec: Spec, files: RuntimeFiles, app: AppContainer): Spec {
  const given = spec.process?.args ?? [];
  const env = environment(spec.process?.env ?? [], app.variables);
  const isSeen = (path: string): boolean =>
    app.has(path) || (spec.mounts ?? []).some(({ destination }) => destination === path);
  const ownSystem = SYSTEM_FOLDERS.some((folder) => app.has(folder));
  const home = ownSystem ? RUNTIME : '';
  return {
    ...spec,
    process: {
      ...spec.process,
      cwd: '/',
      env: env.list,
      args: [
        `${home}/usr/bin/node`,
        '--require',
        FIRST_MODULE,
        `${home}/usr/lib/spindle/dist/main.cjs`,
        'up',
        ...sourceArguments(app.source),
        ...env.get('SPIN_COMPONENTS_TO_RETAIN', []).flatMap((id) => ['--component-id', id]),
        '--state-dir',
        STATE_FOLDER,
        // Components log to the container's own streams.
        '--log-dir',
        '',
        ...(isSeen(RUNTIME_CONFIG) ? ['--runtime-config-file', RUNTIME_CONFIG] : []),
        // The placeholder for a command that an image without programs has to have.
        ...(app.isCommand ? ['--', ...(given[0] === '/' ? given.slice(1) : given)] : []),
      ],
    },
    mounts: [
      ...(spec.mounts ?? []),
      ...(ownSystem
        ? besidesOwnSystem(files.tree, app.has)
        : SYSTEM_FOLDERS.map((folder) => bind(`${files.tree}${folder}`, folder))),
      bind(files.firstModule, FIRST_MODULE),
      ...(app.source.kind === 'artefact' ? [bind(app.source.folder, APP)] : []),
      ...(isWritable(spec) || (spec.mounts ?? []).some(({ destination }) => destination === '/tmp')
        ? []
        : [{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] }]),
    ],
  };
}

/** Else only what is mounted is. */
export const isWritable = ({ root }: Spec): boolean => root?.readonly !== true;

/** What the runtime writes into, made for every user of an image that does not have it. */
export const WRITABLE_FOLDERS = ['/tmp', STATE_FOLDER] as const;

const bind = (source: string, destination: string): NonNullable<Spec['mounts']>[number] => ({
  destination,
  type: 'bind',
  source,
  options: READ_ONLY,
});

/**
 * An image with a C library of its own: ours takes its place where programs look for it. Of the image's programs none runs, and
 * its other files stay to be seen.
 */
function besidesOwnSystem(tree: string, has: AppContainer['has']): NonNullable<Spec['mounts']> {
  const arm = process.arch === 'arm64';
  const libraries = `/lib/${arm ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const loader = arm ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2';
  return [
    bind(tree, RUNTIME),
    bind(`${tree}${libraries}`, libraries),
    bind(`${tree}${libraries}/${loader}`, `${arm ? '/lib' : '/lib64'}/${loader}`),
    // Says where the image has libraries, before they are looked for where ours are.
    ...(has(LOADER_CACHE) ? [bind('/dev/null', LOADER_CACHE)] : []),
  ];
}

function sourceArguments(source: AppSource): string[] {
  switch (source.kind) {
    case 'artefact':
      return ['--from-registry', source.reference, '--cache-dir', APP];
    case 'file':
      return ['--from-file', '/spin.toml'];
  }
}

interface Environment {
  readonly list: string[];
  /** A variable as a list with commas. */
  get(name: string, otherwise: readonly string[]): readonly string[];
}

function environment(given: readonly string[], variables: readonly string[]): Environment {
  const env = new Map(given.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
  if (!env.has(LISTEN)) {
    env.set(LISTEN, LISTEN_ADDRESS);
  }
  // Upstream ignores what is no number.
  if (!/^\d+$/.test(env.get('SPIN_MAX_INSTANCE_MEMORY') ?? '0')) {
    env.delete('SPIN_MAX_INSTANCE_MEMORY');
  }
  for (const variable of variables) {
    const name = variable.toUpperCase();
    const value = env.get(name);
    if (value !== undefined) {
      env.set(`SPIN_VARIABLE_${name}`, value);
    }
  }
  return {
    list: [...env].map(([name, value]) => `${name}=${value}`),
    get: (name, otherwise) => env.get(name)?.split(',').filter(Boolean) ?? otherwise,
  };
}
