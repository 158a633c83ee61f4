// The single-file executable as a plugin of Spin: made, installed as Spin installs it, and run where no Node is to be found.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly packages: readonly {
    readonly os: string;
    readonly arch: string;
    readonly url: string;
    readonly sha256: string;
  }[];
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-plugin-test-'));
  execFileSync(process.execPath, [join(ROOT, 'hack/plugin.ts'), '--out', join(folder, 'out')]);
  await mkdir(join(folder, 'home'));
  for (const name of ['kube', 'k8s']) {
    await install(name);
  }
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `spin plugins install --file`: the archive that suits, checked, unpacked into a folder of the plugin's name. */
async function install(name: string): Promise<void> {
  const { packages } = await manifestOf(name);
  const [{ url, sha256 } = { url: '', sha256: '' }] = packages;
  const archive = fileURLToPath(url);
  expect(
    createHash('sha256')
      .update(await readFile(archive))
      .digest('hex'),
  ).toBe(sha256);
  const place = join(folder, 'plugins', name);
  await mkdir(place, { recursive: true });
  execFileSync('tar', ['--extract', '--gzip', '--file', archive, '--directory', place]);
}

const manifestOf = async (name: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'out', `${name}.json`), 'utf8')) as Manifest;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

/** As Spin starts it, with nothing of this process's environment. */
function plugin(name: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(join(folder, 'plugins', name, name), args, {
    cwd: folder,
    env: { HOME: join(folder, 'home'), PATH: '/nowhere', SPIN_VERSION: '3.5.0' },
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  return new Promise((done) => child.once('close', (code) => done({ code, stdout })));
}

describe('the plugin', () => {
  it.each(['kube', 'k8s'])('%s is one executable, which the manifest describes', async (name) => {
    const { packages: _, ...described } = await manifestOf(name);
    expect(described).toMatchObject({ name, spinCompatibility: '>=2.3.1', license: 'Apache-2.0' });
    expect(await readdir(join(folder, 'plugins', name))).toEqual([name]);
    expect((await stat(join(folder, 'plugins', name, name))).mode & 0o111).toBe(0o111);
  });

  it('scaffolds as upstream’s, without cluster, kubeconfig or Node', async () => {
    expect(await plugin('kube', 'scaffold', '-f', 'ghcr.io/foo/example-app:v0.1.0')).toEqual({
      code: 0,
      stdout:
        'apiVersion: core.spinkube.dev/v1alpha1\nkind: SpinApp\nmetadata:\n  name: example-app\nspec:\n  image: "ghcr.io/foo/example-app:v0.1.0"\n  executor: containerd-shim-spin\n  replicas: 2\n',
    });
  });

  it('knows how it was called, and by which Spin', async () => {
    const { version } = await manifestOf('kube');
    expect(await plugin('k8s', '--help')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: k8s /) });
    expect(await plugin('k8s', 'deploy', '--help')).toMatchObject({
      stdout: expect.stringContaining('  spin k8s deploy --build'),
    });
    expect(await plugin('kube', 'version')).toEqual({
      code: 0,
      stdout: `Plugin Version: ${version}\nSpin Version  : v3.5.0\n`,
    });
  });

  it('unpacks itself once, for its owner only', async () => {
    const cache = join(folder, 'home/.cache/spindle');
    const [unpacked, ...others] = await readdir(cache);
    expect([unpacked, others]).toEqual([expect.stringMatching(/^executable-[0-9a-f]{16}$/), []]);
    expect((await stat(cache)).mode & 0o077).toBe(0);
  });

  it('runs where nothing can be kept, and leaves nothing', async () => {
    const child = spawn(join(folder, 'plugins/kube/kube'), ['version', '--short'], {
      env: { HOME: '/dev/null', XDG_CACHE_HOME: '/dev/null', TMPDIR: join(folder, 'home') },
    });
    const code = await new Promise((done) => child.once('close', done));
    expect(code).toBe(0);
    expect((await readdir(join(folder, 'home'))).filter((name) => name.startsWith('spindle-'))).toEqual([]);
  });
});
