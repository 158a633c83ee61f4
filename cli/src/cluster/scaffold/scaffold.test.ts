import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSpinApp, type SpinApp } from '@spindle/api';
import { readYaml } from '../../spin-app/yaml-document.ts';
import { runInside, type Inside } from '../../testing/run-inside.ts';
import { scaffoldFlags, type GivenFlags } from './arbitrary-flags.ts';

const IMAGE = 'ghcr.io/foo/example-app:v0.1.0';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scaffold-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scaffold = (...args: readonly string[]): Promise<Inside> => runInside(['scaffold', ...args], { cwd: folder });

/** The first document, as a cluster reads it. */
function appOf(stdout: string): SpinApp {
  const [app] = readYaml(stdout, 'stdout');
  if (app === undefined) {
    throw new Error('nothing was written');
  }
  return parseSpinApp(app);
}

const QUANTITIES = ['cpu-limit', 'memory-limit', 'cpu-request', 'memory-request'] as const;

function written(stdout: string): unknown {
  const { spec } = appOf(stdout);
  const amount = (flag: (typeof QUANTITIES)[number]): string => {
    const [resource = '', kind] = flag.split('-');
    return String((kind === 'limit' ? spec.resources?.limits : spec.resources?.requests)?.[resource] ?? '');
  };
  return {
    documents: readYaml(stdout, 'stdout').length,
    variables: spec.variables ?? [],
    components: spec.components ?? [],
    pullSecrets: (spec.imagePullSecrets ?? []).map(({ name }) => name),
    executor: spec.executor ?? '',
    serviceAccountName: spec.serviceAccountName ?? '',
    amounts: QUANTITIES.map(amount),
  };
}

function wanted(given: GivenFlags): unknown {
  const variables = given.variables.map(([name, value]) => ({ name, value }));
  return {
    documents: given.args.some((arg) => arg.startsWith('--autoscaler')) ? 2 : 1,
    variables: variables.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    components: given.components,
    pullSecrets: given.pullSecrets,
    executor: given.executor ?? 'containerd-shim-spin',
    serviceAccountName: given.serviceAccountName ?? '',
    amounts: QUANTITIES.map((flag) => given.quantities[flag] ?? ''),
  };
}

const refused = ({ code, stdout, stderr }: Inside): unknown => ({
  code,
  stdout,
  isUsageError: /^Error: .+\n {2}SPK5001/s.test(stderr),
});

describe('scaffold', () => {
  it('writes what every reader of YAML takes for what was given, or refuses it', async () => {
    await fc.assert(
      fc.asyncProperty(scaffoldFlags, async (given) => {
        const answer = await scaffold(...given.args);
        expect(answer.code === 0 ? written(answer.stdout) : refused(answer)).toEqual(
          answer.code === 0 ? wanted(given) : { code: 2, stdout: '', isUsageError: true },
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a=x,y', [['a', 'x,y']]],
    [
      'a=1,b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['url=http://x/?q=1', [['url', 'http://x/?q=1']]],
    [
      '"a=b=c,d",e=f',
      [
        ['a', 'b=c,d'],
        ['e', 'f'],
      ],
    ],
    ['a="quoted"', [['a', '"quoted']]],
  ])('reads the variables %j as pflag does', async (text, expected) => {
    const { stdout } = await scaffold('-f', IMAGE, '-v', text);
    const { variables = [] } = appOf(stdout).spec;
    expect(variables.map(({ name, value }) => [name, value])).toEqual(expected);
  });

  it('with --out writes a file that only its owner reads, over an old one too', async () => {
    await writeFile(join(folder, 'app.yaml'), 'old', { mode: 0o644 });
    const { code, stdout, stderr } = await scaffold('-f', IMAGE, '-o', 'app.yaml');
    expect([code, stdout, stderr]).toEqual([0, '', 'Application manifest saved to app.yaml\n']);
    expect((await stat(join(folder, 'app.yaml'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'app.yaml'), 'utf8')).toBe((await scaffold('-f', IMAGE)).stdout);
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    await expect(scaffold('-f', IMAGE, '-o', 'none/app.yaml')).resolves.toMatchObject({ code: 1, stdout: '' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says on stderr what a cluster will not take, and writes it as upstream does', async () => {
    const { code, stdout, stderr } = await scaffold('-f', 'ghcr.io/me/my_app:1', '-r', '0', '-v', 'a-b=1');
    expect(code).toBe(0);
    expect(stdout).toContain('  name: my_app\n');
    expect(stderr.split('\n').map((line) => line.slice(0, 40))).toEqual([
      'Warning: a cluster takes no app named "m',
      'Warning: a new app with 0 replicas is re',
      'Warning: the variable "a-b": invalid cha',
      '',
    ]);
  });

  it('takes another name', async () => {
    const { stdout } = await scaffold(
      '-f',
      'ghcr.io/me/my_app:1',
      '--name',
      'shop',
      '--autoscaler',
      'keda',
      '--cpu-limit',
      '1',
      '--memory-limit',
      '1Gi',
    );
    expect([...stdout.matchAll(/name: (.*)/g)].map(([, name]) => name)).toEqual(['shop', 'shop-autoscaler', 'shop']);
  });

  it('needs no cluster and no kubeconfig', async () => {
    const { code } = await runInside(['scaffold', '-f', IMAGE], { cwd: folder, env: { KUBECONFIG: '/none' } });
    expect(code).toBe(0);
  });
});
