import { once } from 'node:events';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError, type FilesEntry } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTree, readTree, temporaryFolder, type Tree } from '../fixtures/tree.ts';
import { copyMounts, directMounts, type MountRequest } from './mount.ts';

const ASSETS: Tree = {
  'app/spin.toml': '',
  'app/a.txt': 'a',
  'app/assets/index.html': 'index',
  'app/assets/.hidden': 'hidden',
  'app/assets/js/app.js': 'app',
  'app/assets/js/app.js.map': 'map',
  'app/assets/js/deep/more.js': 'more',
  'app/images/one.jpg': '1',
  'app/images/two.png': '2',
  'shared/logo.svg': 'logo',
  'shared/css/site.css': 'site',
};

interface Outcome {
  readonly files: Record<string, string>;
  readonly warnings: readonly string[];
}

async function request(
  written: readonly (string | readonly [string, string])[],
  change: { tree?: Tree; exclude?: readonly string[] } = {},
): Promise<MountRequest & { readonly warnings: string[]; readonly folder: string }> {
  const folder = await makeTree(await temporaryFolder(), { ...(change.tree ?? ASSETS), 'work/': '' });
  const warnings: string[] = [];
  return {
    componentId: 'hello',
    files: written.map((entry): FilesEntry =>
      typeof entry === 'string'
        ? { kind: 'pattern', pattern: entry }
        : { kind: 'placement', source: entry[0] ?? '', destination: entry[1] ?? '' },
    ),
    excludeFiles: change.exclude ?? [],
    appRoot: join(folder, 'app'),
    manifest: join(folder, 'app/spin.toml'),
    workDir: join(folder, 'work'),
    warn: (message) => warnings.push(message),
    warnings,
    folder,
  };
}

async function copied(...input: Parameters<typeof request>): Promise<Outcome> {
  const asked = await request(...input);
  const mounts = await copyMounts(asked);
  const root = join(asked.workDir, 'assets/hello');
  expect(mounts).toEqual([{ source: pathToFileURL(root).href, path: '/' }]);
  return { files: await readTree(root), warnings: asked.warnings };
}

async function refusal(...input: Parameters<typeof request>): Promise<UserError> {
  const error = await copyMounts(await request(...input)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe('what entries select, and where it goes', () => {
  const cases: readonly [string, Parameters<typeof request>, Record<string, string>][] = [
    ['a single file keeps its path', [['a.txt']], { 'a.txt': 'a' }],
    ['so does a file further down', [['assets/js/app.js']], { 'assets/js/app.js': 'app' }],
    [
      'a directory brings everything below it, hidden files too',
      [['assets']],
      {
        'assets/.hidden': 'hidden',
        'assets/index.html': 'index',
        'assets/js/app.js': 'app',
        'assets/js/app.js.map': 'map',
        'assets/js/deep/more.js': 'more',
      },
    ],
    ['a star stays in its directory', [['images/*']], { 'images/one.jpg': '1', 'images/two.png': '2' }],
    ['a star within a name', [['images/*.jpg']], { 'images/one.jpg': '1' }],
    ['a star for a directory does not descend further', [['*/*.html']], { 'assets/index.html': 'index' }],
    [
      'two stars are any directories',
      [['assets/**/*.js']],
      { 'assets/js/app.js': 'app', 'assets/js/deep/more.js': 'more' },
    ],
    ['two stars are also no directory', [['**/index.html']], { 'assets/index.html': 'index' }],
    ['braces are no alternatives', [['images/{one,two}.*']], {}],
    ['a slash at the end of a pattern means directories', [['image*/']], {}],
    ['two stars at the end mean directories too', [['assets/**']], {}],
    ['a set of characters', [['images/[!o]*.png']], { 'images/two.png': '2' }],
    ['dots and slashes that say nothing are dropped', [['./assets//js/./app.js']], { 'assets/js/app.js': 'app' }],
    ['a way up within the folder is no way out', [['assets/../a.txt']], { 'a.txt': 'a' }],
    ['a directory at the root', [[['images', '/']]], { 'one.jpg': '1', 'two.png': '2' }],
    ['a directory below a guest path', [[['images', '/img/all']]], { 'img/all/one.jpg': '1', 'img/all/two.png': '2' }],
    ['a file under another name', [[['a.txt', 'b/c.txt']]], { 'b/c.txt': 'a' }],
    [
      'a directory beside the application, named through ..',
      [[['../shared', '/s']]],
      { 's/logo.svg': 'logo', 's/css/site.css': 'site' },
    ],
    ['a file beside the application, named through ..', [[['../shared/logo.svg', 'logo.svg']]], { 'logo.svg': 'logo' }],
    ['several entries together', [['a.txt', ['images', '/i']]], { 'a.txt': 'a', 'i/one.jpg': '1', 'i/two.png': '2' }],
    [
      'the later entry wins a guest path',
      [
        [
          ['a.txt', 'x'],
          ['images/one.jpg', 'x'],
        ],
      ],
      { x: '1' },
    ],
    [
      'exclusions count from the application folder, and a star in them crosses directories',
      [[['assets', '/']], { exclude: ['assets/*.map', 'assets/**/more.js'] }],
      { '.hidden': 'hidden', 'index.html': 'index', 'js/app.js': 'app' },
    ],
    ['a file named itself is not excluded', [['a.txt'], { exclude: ['a.txt'] }], { 'a.txt': 'a' }],
    [
      'a directory whose name looks like a pattern is a directory',
      [['[x]'], { tree: { 'app/[x]/f': 'f', 'app/x/g': 'g' } }],
      { '[x]/f': 'f' },
    ],
  ];
  test.each(cases)('%s', async (_, input, expected) => {
    expect((await copied(...input)).files).toEqual(expected);
  });

  test('an absolute path below the application folder is the same as the relative one', async () => {
    const asked = await request([]);
    await copyMounts({ ...asked, files: [{ kind: 'pattern', pattern: join(asked.appRoot, 'images/*.jpg') }] });
    expect(await readTree(join(asked.workDir, 'assets/hello'))).toEqual({ 'images/one.jpg': '1' });
  });

  test('a component without files has no mount', async () => {
    expect(await copyMounts(await request([]))).toEqual([]);
  });

  test('a directory without files is an empty mount', async () => {
    const outcome = await copied([['empty', '/']], { tree: { 'app/empty/': '' } });
    expect(outcome).toEqual({ files: {}, warnings: ['component.hello.files[0]: "empty" selects no file'] });
  });

  test('more files than are copied at once all arrive', async () => {
    const tree = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`app/many/${index % 7}/${index}`, `${index}`]),
    );
    expect(Object.keys((await copied([['many', '/']], { tree })).files)).toHaveLength(100);
  });

  test('the directory of the copies is not copied into itself', async () => {
    const asked = await request(['**/*'], { tree: { 'app/a.txt': 'a' } });
    await mkdir(join(asked.appRoot, 'tmp'));
    const workDir = join(asked.appRoot, 'tmp');
    await copyMounts({ ...asked, workDir });
    expect(await readTree(join(workDir, 'assets/hello'))).toEqual({ 'a.txt': 'a' });
  });
});

describe('what is refused', () => {
  const outside = 'Files must be within the application directory.';
  const cases: readonly [string, Parameters<typeof request>, string][] = [
    ['a missing file', [['nothere.txt']], `"nothere.txt" does not exist and doesn't appear to be a glob pattern`],
    ['a missing file outside', [['../x']], `"../x" does not exist and doesn't appear to be a glob pattern`],
    ['a file outside', [['../shared/logo.svg']], outside],
    ['a pattern outside', [['../shared/*']], outside],
    ['an absolute path outside', [['/etc/hostname']], outside],
    ['a directory outside by its absolute path', [[['/etc', '/']]], outside],
    ['a path with a NUL', [['a\0b']], '"a\\u0000b" does not exist'],
    ['a missing source', [[['nodir', '/']]], 'File or directory "nodir" does not exist'],
    ['a file without a name for the guest', [[['a.txt', '/']]], '"/" is not a valid destination file name'],
    ['a file with an empty name', [[['a.txt', '']]], '"" is not a valid destination file name'],
    ['a file that is given a directory’s name', [[['a.txt', 'dir/']]], '"dir/" is not a valid destination file name'],
    [
      'a destination that leads out',
      [[['a.txt', '../a']]],
      'The destination "../a" leads out of the component\'s files',
    ],
    ['a directory’s destination that leads out', [[['images', '/a/../..']]], "leads out of the component's files"],
    ['a pattern that ends in ..', [['assets/..']], "A file pattern can't end in a parent directory path (..)"],
    ['a pattern that ends in .', [['.']], "A file pattern can't end in a current directory path (.)"],
    ['three stars', [['assets/***']], 'Failed to resolve glob pattern "assets/***"'],
    [
      'an unclosed bracket in an exclusion',
      [['assets'], { exclude: ['a['] }],
      'Invalid exclude_files glob pattern "a["',
    ],
    [
      'a file where a directory is needed',
      [
        [
          ['a.txt', 'x'],
          ['images', 'x'],
        ],
      ],
      'another entry needs',
    ],
    [
      'a directory where a file is needed',
      [
        [
          ['images', 'x'],
          ['a.txt', 'x'],
        ],
      ],
      'another entry needs',
    ],
  ];
  test.each(cases)('%s', async (_, input, message) => {
    const error = await refusal(...input);
    expect(error.message).toContain(message);
    expect(error.place.field).toMatch(/^component\.hello\.(files|exclude_files)\[\d\]$/);
    expect(error.place.file).toMatch(/spin\.toml$/);
  });

  test('a symlink that leads out of the application, by name and target', async () => {
    const error = await refusal(['assets'], {
      tree: { 'app/assets/sub/link': { link: '../../../secret/key' }, 'secret/key': 'k' },
    });
    expect(error.message).toMatch(
      /^"assets\/sub\/link" is a symlink that leads out of the application directory, to ".*\/secret\/key"$/,
    );
  });

  test.each([
    ['a directory', ['assets/**/*'], { link: '../../secret' }],
    ['an absolute target', ['assets/link/passwd'], { link: '/etc' }],
    ['a link named itself', ['assets/link'], { link: '/etc/passwd' }],
    ['the source of an entry', [['assets/link', '/']] as const, { link: '../../secret' }],
  ] as const)('a symlink out by way of %s', async (_, entries, link) => {
    const tree = { 'app/assets/link': link, 'secret/key': 'k' };
    expect((await refusal(entries, { tree })).message).toContain('"assets/link" is a symlink that leads out');
  });

  test('a symlink out of a directory that was named through ..', async () => {
    const error = await refusal([['../shared', '/']], {
      tree: { 'app/a': '', 'shared/link': { link: '../secret/key' }, 'secret/key': 'k' },
    });
    expect(error.message).toContain('"../shared/link" is a symlink that leads out');
  });

  test('a symlink to a directory that contains it', async () => {
    const error = await refusal(['assets'], { tree: { 'app/assets/a/loop': { link: '..' } } });
    expect(error.message).toContain('"assets/a/loop" leads back to a directory that contains it');
  });

  test('a socket', async () => {
    const asked = await request(['assets'], { tree: { 'app/assets/a': '' } });
    const server = createServer().listen(join(asked.appRoot, 'assets/socket'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    await expect(copyMounts(asked)).rejects.toThrow('"assets/socket" is a device, a named pipe or a socket');
    await copyMounts({ ...asked, excludeFiles: ['assets/socket'] });
    expect(await readTree(join(asked.workDir, 'assets/hello'))).toEqual({ 'assets/a': '' });
  });

  test('a name that is not UTF-8, unless it is not selected', async () => {
    const asked = await request(['assets'], { tree: { 'app/assets/a.txt': '' } });
    const name = Buffer.concat([Buffer.from(join(asked.appRoot, 'assets/b')), Buffer.from([0xff])]);
    await writeFile(name, '');
    await expect(copyMounts(asked)).rejects.toThrow('"assets" holds a file whose name is not UTF-8: b\\xff');
    await copyMounts({ ...asked, excludeFiles: ['assets/b*'] });
    await copyMounts({ ...asked, files: [{ kind: 'pattern', pattern: 'assets/*.txt' }] });
    expect(await readTree(join(asked.workDir, 'assets/hello'))).toEqual({ 'assets/a.txt': '' });
  });
});

describe('symlinks that stay inside', () => {
  test('they are copied as what they lead to', async () => {
    const tree = {
      'app/assets/file': { link: '../real/a.txt' },
      'app/assets/folder': { link: '../real' },
      'app/real/a.txt': 'a',
      'app/real/again': { link: 'a.txt' },
    };
    expect((await copied(['assets'], { tree })).files).toEqual({
      'assets/file': 'a',
      'assets/folder/a.txt': 'a',
      'assets/folder/again': 'a',
    });
  });

  test('one that leads to nothing is left out with a warning', async () => {
    const outcome = await copied(['assets'], { tree: { 'app/assets/a': 'a', 'app/assets/gone': { link: 'nowhere' } } });
    expect(outcome.files).toEqual({ 'assets/a': 'a' });
    expect(outcome.warnings).toEqual(['"assets/gone" is left out: it is a symlink to nothing']);
  });

  test('one that leads out is left out when it is excluded', async () => {
    const tree = { 'app/assets/a': 'a', 'app/assets/out': { link: '../../secret' }, 'secret/key': 'k' };
    expect((await copied(['assets'], { tree, exclude: ['assets/out'] })).files).toEqual({ 'assets/a': 'a' });
  });
});

test('a pattern for the whole application is accepted with a warning', async () => {
  const { warnings } = await copied(['*']);
  expect(warnings.join()).toContain('A component is including the entire application directory as asset files');
  expect((await copied(['./*'])).warnings).toEqual([]);
});

test('a copy is not its source: what a component writes stays in the copy', async () => {
  const asked = await request(['a.txt']);
  await copyMounts(asked);
  await writeFile(join(asked.workDir, 'assets/hello/a.txt'), 'changed');
  expect((await readTree(asked.appRoot))['a.txt']).toBe('a');
});

test('a file that may not be written to is replaced by a later entry all the same', async () => {
  const asked = await request([
    ['a.txt', 'x'],
    ['images/one.jpg', 'x'],
  ]);
  await chmod(join(asked.appRoot, 'a.txt'), 0o444);
  await copyMounts(asked);
  expect(await readTree(join(asked.workDir, 'assets/hello'))).toEqual({ x: '1' });
});

describe('a work directory that is used again', () => {
  test('holds nothing of an earlier load', async () => {
    const asked = await request(['assets', 'a.txt']);
    await copyMounts(asked);
    await copyMounts({ ...asked, files: asked.files.slice(1) });
    expect(await readTree(join(asked.workDir, 'assets/hello'))).toEqual({ 'a.txt': 'a' });
  });

  test('is refused, and left as it is, when it holds files of others', async () => {
    const asked = await request(['a.txt'], { tree: { 'app/a.txt': 'a', 'app/assets/hello/mine': 'mine' } });
    const workDir = asked.appRoot;
    await expect(copyMounts({ ...asked, workDir })).rejects.toThrow('holds other files');
    expect(await readTree(asked.appRoot)).toEqual({ 'a.txt': 'a', 'assets/hello/mine': 'mine' });
  });
});

test('an aborted load copies nothing more', async () => {
  const asked = await request(['assets']);
  const reason = new Error('stopped');
  await expect(copyMounts({ ...asked, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

describe('direct mounts', () => {
  test('what would only be in the way of copies may stand in them', async () => {
    const tree = {
      'app/s/loop': { link: '.' },
      'app/s/gone': { link: 'nowhere' },
      'app/s/up': { link: '../other' },
      'app/other': '',
    };
    expect(await directMounts(await request(['s'], { tree }))).toHaveLength(1);
  });

  test('each entry is mounted where it stands', async () => {
    const asked = await request(['assets', ['images', '/img'], ['../shared', '/s']]);
    expect(await directMounts(asked)).toEqual([
      { source: pathToFileURL(join(asked.appRoot, 'assets')).href, path: 'assets' },
      { source: pathToFileURL(join(asked.appRoot, 'images')).href, path: '/img' },
      { source: pathToFileURL(join(asked.folder, 'shared')).href, path: '/s' },
    ]);
    expect(await readdir(asked.workDir)).toEqual([]);
  });

  const refused: readonly [string, ...Parameters<typeof request>, string][] = [
    ['a file', ['a.txt'], {}, '"a.txt" is not a directory'],
    ['a pattern', ['images/*'], {}, '"images/*" is not a directory'],
    [
      'an exclusion',
      ['assets'],
      { exclude: ['x'] },
      'Cannot load a component with `exclude_files` using --direct-mounts',
    ],
    ['a symlink out', ['s'], { tree: { 'app/s/l': { link: '/etc' } } }, '"s/l" is a symlink that leads out'],
    [
      'a symlink out further down',
      ['s'],
      { tree: { 'app/s/d/l': { link: '/etc' } } },
      '"s/d/l" is a symlink that leads',
    ],
    [
      'a directory that is a symlink out',
      ['s'],
      { tree: { 'app/s': { link: '/etc' } } },
      '"s" is a symlink that leads out',
    ],
    [
      'a symlink out whose name begins with two dots',
      ['..s'],
      { tree: { 'app/..s': { link: '/etc' } } },
      '"..s" is a symlink that leads out',
    ],
    ['a way out', [['assets', '../x']], {}, 'leads out of the component'],
  ];
  test.each(refused)('%s is refused', async (_, entries, change, message) => {
    await expect(directMounts(await request(entries, change))).rejects.toThrow(message);
  });
});

test('whatever the tree and its symlinks, nothing from outside is ever copied', async () => {
  const folder = await temporaryFolder();
  await makeTree(folder, { 'outside/secret': 'SECRET', 'outside/sub/secret': 'SECRET' });
  const name = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'd/e/a');
  const target = fc.constantFrom(
    'a',
    'b',
    '.',
    '..',
    '../..',
    '../../outside',
    '../../outside/secret',
    'd',
    '../d/b',
    '/',
  );
  const links = fc.dictionary(name, target, { maxKeys: 5 });
  const pattern = fc.constantFrom('**/*', 'd', '*', '*/*', 'a/secret', 'd/**/secret', './b');
  let run = 0;
  await fc.assert(
    fc.asyncProperty(links, pattern, async (tree, written) => {
      run += 1;
      const appRoot = join(folder, `run${run}`);
      const workDir = join(folder, `work${run}`);
      await makeTree(appRoot, { 'd/e/file': 'inside', file: 'inside' });
      await mkdir(workDir);
      for (const [path, link] of Object.entries(tree)) {
        await symlink(link, join(appRoot, path)).catch(() => undefined); // expected: a link stands there already
      }
      const files: FilesEntry[] = [{ kind: 'pattern', pattern: written }];
      const asked = {
        componentId: 'c',
        files,
        excludeFiles: [],
        appRoot,
        manifest: '',
        workDir,
        warn: () => undefined,
      };
      const refused = await copyMounts(asked).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect([undefined, 'UserError']).toContain(refused instanceof Error ? refused.name : refused);
      const contents = Object.values(await readTree(join(workDir, 'assets/c')));
      expect(contents.filter((content) => content !== 'inside')).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
