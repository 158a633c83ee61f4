import { describe, expect, it } from 'vitest';
import type { Spec } from '../task/bundle.ts';
import { type AppContainer, appContainerSpec } from './container-spec.ts';

const FILES = { tree: '/opt/spindle/runtime', firstModule: '/opt/spindle/shim/first-module.cjs' };
const ARTEFACT: AppContainer = {
  source: { kind: 'artefact', reference: 'localhost/app@sha256:ab', folder: '/store/ab/content' },
  variables: [],
  isCommand: false,
  has: () => false,
};
const SPEC: Spec = {
  root: { path: 'rootfs' },
  process: {
    args: ['/'],
    env: ['PATH=/bin'],
    cwd: '/home',
    user: { uid: 1000 },
    capabilities: { bounding: [] },
  },
  mounts: [{ destination: '/data', type: 'bind', source: '/volumes/data', options: ['rw'] }],
  linux: { seccomp: { defaultAction: 'SCMP_ACT_ERRNO' } },
};

const argsOf = (spec: Spec, app: Partial<AppContainer> = {}): string[] =>
  appContainerSpec(spec, FILES, { ...ARTEFACT, ...app }).process?.args ?? [];
const envOf = (env: string[], app: Partial<AppContainer> = {}): string[] =>
  appContainerSpec({ process: { args: ['/'], env } }, FILES, { ...ARTEFACT, ...app }).process?.env ?? [];

const placesOf = (given: Spec): string[] =>
  appContainerSpec(given, FILES, ARTEFACT).mounts?.map(({ destination }) => destination) ?? [];

describe('the container of a Spin application', () => {
  it('runs the runtime of the node, and is otherwise what was asked for', () => {
    const spec = appContainerSpec(SPEC, FILES, ARTEFACT);
    expect(spec).toMatchObject({
      process: { user: { uid: 1000 }, capabilities: { bounding: [] }, cwd: '/' },
      linux: { seccomp: { defaultAction: 'SCMP_ACT_ERRNO' } },
      root: { path: 'rootfs' },
    });
    expect(spec.process?.args?.join(' ')).toBe(
      '/usr/bin/node --require /.spindle/first-module.cjs /usr/lib/spindle/dist/main.cjs up ' +
        '--from-registry localhost/app@sha256:ab --cache-dir /.spindle/app --state-dir /.spin --log-dir ',
    );
    expect(spec.mounts?.map(({ destination }) => destination)).toEqual([
      '/data',
      '/usr',
      '/lib',
      '/lib64',
      '/.spindle/first-module.cjs',
      '/.spindle/app',
    ]);
    expect(spec.mounts?.slice(1).every(({ options }) => options?.includes('ro'))).toBe(true);
  });

  it('has our C library in the place of the image', () => {
    const app = {
      source: { kind: 'file' },
      has: (path: string) => ['/lib', '/etc/ld.so.cache'].includes(path),
    } as const;
    const { process: run, mounts = [] } = appContainerSpec(SPEC, FILES, { ...ARTEFACT, ...app });
    expect(run?.args?.[0]).toBe('/.spindle/runtime/usr/bin/node');
    expect(run?.args).toContain('/spin.toml');
    const places = mounts.map(({ destination, source }) => `${source} ${destination}`);
    expect(places.slice(1, -1)).toEqual([
      '/opt/spindle/runtime /.spindle/runtime',
      expect.stringMatching(/^\/opt\/spindle\/runtime(\/lib\/\S+-linux-gnu) \1$/),
      expect.stringMatching(/(ld-linux\S+) \/lib(64)?\/\1$/),
      '/dev/null /etc/ld.so.cache',
    ]);
  });

  it('gets a place for temporary files when its root file system cannot be written', () => {
    expect(placesOf({ ...SPEC, root: { path: 'rootfs', readonly: true } })).toContain('/tmp');
    const own = { destination: '/tmp', type: 'bind', source: '/volumes/tmp' };
    expect(placesOf({ root: { readonly: true }, mounts: [own] }).filter((path) => path === '/tmp')).toHaveLength(1);
  });

  it.each([
    [[], [], ['SPIN_HTTP_LISTEN_ADDR=0.0.0.0:80']],
    [['SPIN_HTTP_LISTEN_ADDR=0.0.0.0:8080'], [], ['SPIN_HTTP_LISTEN_ADDR=0.0.0.0:8080']],
    [
      ['GREETING=a=b', 'SPIN_VARIABLE_GREETING=old', 'OTHER=x'],
      ['greeting', 'missing'],
      ['GREETING=a=b', 'SPIN_VARIABLE_GREETING=a=b', 'OTHER=x', 'SPIN_HTTP_LISTEN_ADDR=0.0.0.0:80'],
    ],
    [['SPIN_MAX_INSTANCE_MEMORY=much'], [], ['SPIN_HTTP_LISTEN_ADDR=0.0.0.0:80']],
    [['SPIN_MAX_INSTANCE_MEMORY=1000'], [], ['SPIN_MAX_INSTANCE_MEMORY=1000', 'SPIN_HTTP_LISTEN_ADDR=0.0.0.0:80']],
  ])('has the environment that it was given, and what follows from it (%j %j)', (env, variables, expected) => {
    expect(envOf(env, { variables })).toEqual(expected);
  });

  it('takes components, the runtime configuration and arguments from where upstream does', () => {
    const chosen = argsOf({ process: { args: ['/'], env: ['SPIN_COMPONENTS_TO_RETAIN=a,b'] } });
    expect(chosen.join(' ')).toContain('--component-id a --component-id b');
    const mounted = { mounts: [{ destination: '/runtime-config.toml', source: '/secret' }] };
    expect(argsOf(mounted)).toContain('--runtime-config-file');
    expect(argsOf({}, { has: (path) => path === '/runtime-config.toml' })).toContain('--runtime-config-file');
    expect(argsOf(SPEC)).not.toContain('--runtime-config-file');
    expect(argsOf({ process: { args: ['/', '--count', '3'] } }, { isCommand: true }).slice(-3)).toEqual([
      '--',
      '--count',
      '3',
    ]);
    expect(argsOf({ process: { args: ['--count'] } }, { isCommand: true }).slice(-2)).toEqual(['--', '--count']);
    expect(argsOf({ process: { args: ['/', '--count'] } })).not.toContain('--count');
  });
});
