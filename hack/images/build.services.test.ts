// The real images: built as users build them, their layers unpacked, and their programs run in nothing but that, as the user
// that they name.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';
/** Issue: compressed. */
const MAX_BYTES = { operator: 70_000_000, runtime: 90_000_000 };

interface Described {
  readonly Config: string;
  readonly Layers: readonly string[];
}

interface Config {
  readonly config: { readonly User: string; readonly Entrypoint: readonly string[]; readonly WorkingDir: string };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
  await build('first');
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const build = (out: string): Promise<{ stdout: string }> =>
  run(process.execPath, [join(import.meta.dirname, 'build.ts'), '--out', join(folder, out), '--arch', ARCHITECTURE]);

it('are the same when they are built again', async () => {
  await build('second');
  for (const image of ['operator', 'runtime']) {
    const [one, other] = await Promise.all(
      ['first', 'second'].map((out) => readFile(join(folder, out, `${image}-${ARCHITECTURE}.tar`))),
    );
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  }
}, 600_000);

describe.each(['operator', 'runtime'] as const)('the image of the %s', (image) => {
  let root: string;
  let described: Described;
  let config: Config;
  beforeAll(async () => {
    const unpacked = join(folder, `${image}-archive`);
    root = join(folder, `${image}-root`);
    await mkdir(unpacked);
    await mkdir(root);
    await run('tar', ['-xf', join(folder, 'first', `${image}-${ARCHITECTURE}.tar`), '-C', unpacked]);
    [described] = JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8')) as [Described];
    config = JSON.parse(await readFile(join(unpacked, described.Config), 'utf8')) as Config;
    for (const layer of described.Layers) {
      await run('tar', ['-xzpf', join(unpacked, layer), '-C', root]);
    }
  }, 120_000);

  it('is small, has a base and a program, and is not of root', async () => {
    const { size } = await stat(join(folder, 'first', `${image}-${ARCHITECTURE}.tar`));
    expect(size).toBeLessThan(MAX_BYTES[image]);
    expect(config.rootfs.diff_ids).toHaveLength(2);
    expect(config.config.User).toBe('65532:65532');
  });

  const inside = (...command: string[]): Promise<{ stdout: string }> =>
    run('/usr/sbin/chroot', [`--userspec=${config.config.User}`, root, ...command], { cwd: root, env: {} });

  it.skipIf(process.getuid?.() !== 0)('starts with nothing but what is in it', async () => {
    const [program = ''] = config.config.Entrypoint;
    expect((await inside(program, '--help')).stdout).toContain('Usage: ');
  });

  it.skipIf(process.getuid?.() !== 0)('knows its user, and hosts before DNS', async () => {
    const script = `const { userInfo, homedir } = require('os');
      console.log(userInfo().username, homedir(), require('tls').createSecureContext() !== undefined);`;
    expect((await inside('/usr/bin/node', '-e', script)).stdout).toBe('nonroot /home/nonroot true\n');
    expect(await readFile(join(root, 'etc/nsswitch.conf'), 'utf8')).toContain('hosts: files dns');
  });

  it('names what is in it', async () => {
    const sbom = JSON.parse(await readFile(join(folder, 'first', `${image}-${ARCHITECTURE}.spdx.json`), 'utf8')) as {
      readonly packages: readonly { readonly name: string }[];
    };
    expect(sbom.packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'libc6', 'libstdc++6', 'yaml']),
    );
  });
});
