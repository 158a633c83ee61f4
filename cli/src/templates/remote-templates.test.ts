// Templates that come from elsewhere: a repository whose templates change, an archive of a web server.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type AppFolder, appFolder } from '../testing/app-folder.ts';
import { onTerminal } from '../testing/on-terminal.ts';
import type { Finished } from '../testing/run-spindle.ts';

const exec = promisify(execFile);

const metadata = (id: string, description: string): string =>
  `manifest_version = "1"\nid = "${id}"\ndescription = "${description}"\ntags = ["test"]\n`;

let folder: AppFolder;
const env = (): Record<string, string> => ({ SPIN_DATA_DIR: join(folder.path, 'data') });
const run = (...args: string[]): Promise<Finished> => folder.run(['templates', ...args], { env: env() });
const descriptions = async (): Promise<string> => (await run('list', '--tag', 'test')).stdout;

beforeEach(async () => {
  folder = await appFolder({});
});

async function commit(repository: string, description: string): Promise<string> {
  const path = join(folder.path, repository);
  const git = (...args: string[]): Promise<unknown> =>
    exec('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: path });
  await folder.write(`${repository}/templates/it/metadata/spin-template.toml`, metadata(repository, description));
  await folder.write(`${repository}/templates/it/content/made.txt`, 'made');
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '.');
  await git('commit', '--quiet', '-m', description);
  await git('tag', '--force', description);
  return `file://${path}`;
}

describe('spindle templates upgrade', () => {
  it('fetches each repository again that templates were installed from, on its branch', async () => {
    const [one, two] = [await commit('one', 'first'), await commit('two', 'first')];
    await run('install', '--git', one);
    await run('install', '--git', two, '--branch', 'first');
    await commit('one', 'second');
    await commit('two', 'second');
    expect(await run('upgrade', '--all')).toMatchObject({
      code: 0,
      stdout: 'Upgraded 2 template(s)\n  one  second\n  two  first\n',
      stderr: `Upgrading templates from ${one}...\nCopying remote template source\nUpgrading templates from ${two} (first)...\nCopying remote template source\n`,
    });
    expect(await run('upgrade', '--repo', two, '--branch', 'second')).toMatchObject({ code: 0 });
    expect(await descriptions()).toBe('  one  second\n  two  second\n');
  });

  it('upgrades the others when one is gone, and fails in the end', async () => {
    const [one, two] = [await commit('one', 'first'), await commit('two', 'first')];
    await run('install', '--git', one);
    await run('install', '--git', two);
    await commit('two', 'second');
    await exec('rm', ['-r', join(folder.path, 'one')]);
    const { code, stdout, stderr } = await run('upgrade', '--all');
    expect([code, stdout]).toEqual([1, 'Upgraded 1 template(s)\n  two  second\n']);
    expect(stderr).toContain(`Error: cannot clone ${one}`);
    expect(stderr).toContain(`Error: the templates of ${one} were not upgraded\n  SPK5011`);
    expect(await descriptions()).toBe('  one  first\n  two  second\n');
  });

  it('asks which, where there is somebody to ask', async () => {
    const [one, two] = [await commit('one', 'first'), await commit('two', 'first')];
    await run('install', '--git', one);
    await run('install', '--git', two);
    await commit('one', 'second');
    await commit('two', 'second');
    const { code, stderr } = await run('upgrade');
    expect([code, stderr]).toEqual([1, expect.stringContaining(`Give --all, or --repo with one of ${one}, ${two}.`)]);
    const typed: [string, string][] = [
      ['all")? ', '3\n'],
      ['all")? ', '2\n'],
    ];
    const shown = await onTerminal(['templates', 'upgrade'], typed, {
      cwd: folder.path,
      env: { ...env(), TMPDIR: join(folder.path, 'tmp') },
    });
    expect(shown).toContain('Give numbers from 1 to 2');
    expect(shown).toMatch(/Upgraded 1 template\(s\)\n {2}two {2}second\nexit 0$/);
  });

  it('says so when there is nothing to upgrade', async () => {
    await folder.write('source/templates/it/metadata/spin-template.toml', metadata('it', 'from a folder'));
    await folder.write('source/templates/it/content/made.txt', 'made');
    await run('install', '--dir', 'source');
    expect(await run('upgrade', '--all')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('No template repositories found to upgrade\n'),
    });
  });

  it.each([
    ['a branch of nothing', ['--branch', 'v1'], '--branch is one of a Git repository'],
    ['all of one', ['--all', '--repo', 'x/y'], "cannot be used with option '--all'"],
  ])('refuses %s', async (_what, args, message) => {
    const { code, stderr } = await run('upgrade', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

/** Serves what tar makes of `paths` in the folder `source`; the URL. */
async function serve(...paths: string[]): Promise<string> {
  const options = { cwd: join(folder.path, 'source'), encoding: 'buffer', maxBuffer: 2 ** 26 } as const;
  const { stdout } = await exec('tar', ['-cz', ...paths], options);
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/made.tar.gz' ? 200 : 404);
    response.end(stdout);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/made.tar.gz`;
}

describe('spindle templates install --tar', () => {
  it.each([
    ['its folder templates', '', 'templates'],
    ['a repository', 'repository-1.0/', 'repository-1.0'],
  ])('installs the templates of an archive of %s, and upgrades them', async (_what, prefix, path) => {
    const at = `source/${prefix}templates/it`;
    await folder.write(`${at}/metadata/spin-template.toml`, metadata('it', 'in an archive'));
    await folder.write(`${at}/content/made.txt`, 'made');
    const url = await serve(path);
    expect(await run('install', '--tar', url)).toMatchObject({
      code: 0,
      stdout: 'Installed 1 template(s)\n  it  in an archive\n',
    });
    const [name = ''] = await readdir(join(folder.path, 'data/templates'));
    expect(await readFile(join(folder.path, 'data/templates', name, 'content/made.txt'), 'utf8')).toBe('made');
    expect(await readFile(join(folder.path, 'data/templates', name, '.install.toml'), 'utf8')).toBe(`url = "${url}"\n`);
    expect(await run('upgrade', '--all')).toMatchObject({ code: 0, stdout: expect.stringContaining('Upgraded 1') });
  });

  it('refuses archives that could write elsewhere, and leaves nothing', async () => {
    await folder.write('source/templates/it/metadata/spin-template.toml', metadata('it', 'in an archive'));
    await exec('ln', ['-s', '/etc', join(folder.path, 'source/templates/it/link')]);
    const link = await run('install', '--tar', await serve('templates'));
    expect([link.code, link.stderr]).toEqual([1, expect.stringMatching(/cannot unpack http[^]*"symlink"/)]);
    await folder.write('outside.txt', 'out');
    const outside = await run('install', '--tar', await serve('-P', '../outside.txt'));
    expect([outside.code, outside.stderr]).toEqual([1, expect.stringMatching(/cannot unpack http[^]*SPK5011/)]);
    expect(await readdir(join(folder.path, 'tmp'))).toEqual([]);
    expect(await readdir(folder.path)).not.toContain('data');
  });

  it('refuses what is no archive, and what is not there', async () => {
    await folder.write('source/x', 'x');
    const url = await serve('x');
    const missing = await run('install', '--tar', url.replace('made', 'lost'));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('the server answered 404 Not Found')]);
    const empty = await run('install', '--tar', url);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining(`${url} holds no templates`)]);
  });
});
