import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AppFolder, appFolder } from '../testing/app-folder.ts';
import type { Finished } from '../testing/run-spindle.ts';

const exec = promisify(execFile);

const metadata = (id: string, more = ''): string =>
  `manifest_version = "1"\nid = "${id}"\ndescription = "Makes ${id}"\ntags = ["test"]\n${more}`;

let folder: AppFolder;
const run = (...args: string[]): Promise<Finished> =>
  folder.run(['templates', ...args], { env: { SPIN_DATA_DIR: join(folder.path, 'data') } });
const stored = async (): Promise<string[]> =>
  (await readdir(join(folder.path, 'data/templates')).catch(() => [])).map((name) =>
    name.replace(/_[0-9a-f]{64}$/, ''),
  );

beforeEach(async () => {
  folder = await appFolder({
    'source/templates/one/metadata/spin-template.toml': metadata('one'),
    'source/templates/one/content/made.txt': 'made',
    'source/templates/two/metadata/spin-template.toml': metadata('two.x'),
    'source/templates/two/content/made.txt': 'made',
  });
});

describe('spindle templates', () => {
  it('lists what comes with Spindle, by tag', async () => {
    const { code, stdout } = await run('list', '--format', 'names-only');
    expect([code, stdout.trim().split('\n')]).toEqual([
      0,
      expect.arrayContaining([
        'http-js',
        'http-ts',
        'http-rust',
        'http-python',
        'static-fileserver',
        'redirect',
        'redis-js',
      ]),
    ]);
    expect(await run('list', '--tag', 'PYTHON')).toMatchObject({
      stdout: '  http-python  HTTP request handler using Python\n',
    });
  });

  it('installs those of a folder, lists them with their origin, and removes them', async () => {
    expect(await run('install', '--dir', 'source')).toMatchObject({
      code: 0,
      stdout: 'Installed 2 template(s)\n  one    Makes one\n  two.x  Makes two.x\n',
    });
    expect(await stored()).toEqual(['one', 'two_x']);
    expect((await run('list', '--tag', 'test', '--verbose')).stdout).toBe(
      `  one    Makes one    test  ${folder.path}/source\n  two.x  Makes two.x  test  ${folder.path}/source\n`,
    );
    expect(await run('uninstall', 'one')).toMatchObject({ code: 0, stdout: 'Uninstalled template one\n' });
    expect(await stored()).toEqual(['two_x']);
    const again = await run('uninstall', 'one');
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringMatching(/^Error: no template "one" is installed\n {2}SPK5011\n\n"spindle templates list/),
    ]);
  });

  it('skips what is there, and replaces it when asked to', async () => {
    await run('install', '--dir', 'source/templates/one');
    await folder.write('source/templates/one/metadata/spin-template.toml', metadata('one').replace('Makes', 'Remakes'));
    expect((await run('install', '--dir', 'source')).stdout).toContain(
      'Skipped 1 template(s)\n  one  Already exists: --upgrade replaces it\n',
    );
    expect((await run('list', '--tag', 'test')).stdout).toContain('one    Makes one');
    await run('install', '--dir', 'source', '--upgrade');
    expect((await run('list', '--tag', 'test')).stdout).toContain('one    Remakes one');
    expect(await stored()).toEqual(['one', 'two_x']);
  });

  it('clones a repository', async () => {
    const source = join(folder.path, 'source');
    const git = (...args: string[]): Promise<unknown> =>
      exec('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: source });
    await git('init', '--quiet', '--initial-branch', 'main');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'Templates');
    await git('tag', 'v1');
    expect(await run('install', '--git', `file://${source}`, '--branch', 'v1')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Installed 2 template(s)'),
    });
    const [one = ''] = await readdir(join(folder.path, 'data/templates'));
    const record = await readFile(join(folder.path, 'data/templates', one, '.install.toml'), 'utf8');
    expect(record).toBe(`git = "file://${source}"\nbranch = "v1"\n`);
    const lost = await run('install', '--git', `file://${source}`, '--branch', 'v2');
    expect([lost.code, lost.stderr]).toEqual([1, expect.stringMatching(/cannot clone .*v2[^]*SPK5011/)]);
    expect(await readdir(join(folder.path, 'tmp'))).toEqual([]);
  });

  it.each([
    ['a folder without templates', ['--dir', 'tmp'], 1, 'holds no templates'],
    ['a folder that is not there', ['--dir', 'moon'], 1, 'holds no templates'],
    ['a repository that is not there', ['--git', 'file:///moon'], 1, 'cannot clone file:///moon'],
    ['no source', [], 2, 'one of --git, --dir and --tar must say'],
    ['two sources', ['--dir', 'source', '--git', 'x/y'], 2, 'one of --git, --dir and --tar must say'],
    ['a branch of a folder', ['--dir', 'source', '--branch', 'v1'], 2, '--branch is one of a Git repository'],
    ['an archive that no web server has', ['--tar', 'file:///moon.tar.gz'], 1, 'it is no URL of a web server'],
    ['an archive of a server that is not there', ['--tar', 'http://127.0.0.1:9/x.tar.gz'], 1, 'cannot be reached'],
  ])('refuses %s', async (_what, args, status, message) => {
    const { code, stderr } = await run('install', ...args);
    expect([code, stderr]).toEqual([status, expect.stringContaining(message)]);
    expect(await stored()).toEqual([]);
  });

  it.each([
    ['wrong metadata', 'odd = 1', 'unknown field `odd`'],
    [
      'a snippet that is not there',
      '[add_component]\nsnippets = { component = "component.txt" }',
      'metadata/snippets/component.txt cannot be read',
    ],
    ['nothing to make', '', 'the template has nothing to make'],
  ])('installs nothing when one of several has %s', async (_what, more, message) => {
    await folder.write('source/templates/three/metadata/spin-template.toml', metadata('three', more));
    const { code, stdout, stderr } = await run('install', '--dir', 'source');
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(message)]);
    expect(stderr).toContain('SPK5010');
    expect(await stored()).toEqual([]);
  });

  it('warns of an installed one that cannot be read, and uses the others', async () => {
    await run('install', '--dir', 'source');
    await folder.write('data/templates/later/metadata/spin-template.toml', 'manifest_version = "7"\nid = "later"');
    const { code, stdout, stderr } = await run('list', '--tag', 'test', '--format', 'names-only');
    expect([code, stdout]).toEqual([0, 'one\ntwo.x\n']);
    expect(stderr).toMatch(/^Warning: the template in .*later cannot be used: invalid template version: "7"\n$/);
  });
});
