import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { type AppFolder, appFolder } from '../testing/app-folder.ts';
import { onTerminal } from '../testing/on-terminal.ts';

const read = (folder: AppFolder, name: string): Promise<string> => readFile(join(folder.path, name), 'utf8');

/** Whatever a command may leave, but for what the test itself has put there. */
const entries = async (folder: AppFolder): Promise<string[]> =>
  (await readdir(folder.path)).filter((name) => !['tmp', 'home', 'cache', 'data'].includes(name)).toSorted();

const TEMPLATE = {
  'data/templates/mine/metadata/spin-template.toml': `manifest_version = "1"
id = "mine"
description = "A template of the test"
tags = ["test"]
[add_component]
skip_files = ["spin.toml"]
[add_component.snippets]
component = "component.txt"
[parameters]
colour = { type = "string", prompt = "Colour", default = "red", pattern = "^[a-z]+$" }
size = { type = "string", prompt = "Size", allowed_values = ["s", "m"] }
`,
  'data/templates/mine/metadata/snippets/component.txt':
    '[[trigger.http]]\nroute = "/{{size}}"\ncomponent = "{{project-name | kebab_case}}"\n[component.{{project-name | kebab_case}}]\nsource = "{{output-path}}/x.wasm"\n',
  'data/templates/mine/content/spin.toml':
    'spin_manifest_version = 2\n[application]\nname = "{{project-name}}"\n[[trigger.http]]\nroute = "/..."\ncomponent = "a"\n[component.a]\nsource = "x.wasm"\n',
  'data/templates/mine/content/{{project-name !! snake_case}}.txt.tmpl': '{{colour}} {{size}}\n',
  'data/templates/mine/content/.gitignore': 'x\n',
  'data/templates/mine/content/mustache.html': '<b>{{#each}}</b>',
  'data/templates/mine/content/image.bin': Buffer.from([0xff, 0x7b, 0x7b, 0xfe]),
};

/** The template is installed already. */
const withTemplate = (changed: Record<string, string> = {}): Promise<AppFolder> =>
  appFolder({ ...TEMPLATE, ...changed });

const inData = (folder: AppFolder): { env: Record<string, string> } => ({
  env: { SPIN_DATA_DIR: join(folder.path, 'data') },
});

const GOOD = ['--value', 'size=m', '--accept-defaults'];

describe('spindle new', () => {
  it.each([
    ['http-js', []],
    ['http-js', ['--value', 'http-router=hono']],
    ['http-js', ['--value', 'http-router=none', '--value', 'project-description=say "hi" \\ there']],
    ['http-ts', []],
    ['http-rust', []],
    ['http-python', []],
    ['http-empty', []],
    ['static-fileserver', ['--value', 'http-path=/files']],
    ['redirect', ['--value', 'redirect-to=https://example.com/?a="b"']],
    ['redis-js', ['--value', 'redis-channel=news']],
  ])('makes a sound application of %s %j', async (template, values) => {
    const folder = await appFolder({});
    const { code, stderr } = await folder.run(['new', template, 'My-App', '--accept-defaults', ...values]);
    expect([code, stderr]).toEqual([0, '']);
    const { manifest, warnings } = parseManifest(await read(folder, 'My-App/spin.toml'), 'spin.toml');
    expect(manifest.application.name).toBe('my-app');
    expect(warnings).toEqual([]);
    const { name = 'my-app' } = JSON.parse(await read(folder, 'My-App/package.json').catch(() => '{}')) as {
      name?: string;
    };
    expect(name).toBe('my-app');
    expect(await entries(folder)).toEqual(['My-App']);
  });

  it('renders paths and texts, and leaves alone what is no Liquid', async () => {
    const folder = await withTemplate();
    const made = await folder.run(['new', 'the-app', '-t', 'mine', ...GOOD], inData(folder));
    expect(made).toMatchObject({
      code: 0,
      stdout: 'Created the-app from mine in the-app\nNext: cd the-app && spindle up\n',
    });
    expect((await readdir(join(folder.path, 'the-app'))).toSorted()).toEqual([
      '.gitignore',
      'image.bin',
      'mustache.html',
      'spin.toml',
      'the_app.txt',
    ]);
    expect(await read(folder, 'the-app/the_app.txt')).toBe('red m\n');
    expect(await read(folder, 'the-app/mustache.html')).toBe('<b>{{#each}}</b>');
    expect(await readFile(join(folder.path, 'the-app/image.bin'))).toEqual(Buffer.from([0xff, 0x7b, 0x7b, 0xfe]));
  });

  it('takes the flag for an environment, as docs/compat.md says', async () => {
    const folder = await withTemplate();
    expect(await folder.run(['new', 'x', '-t', 'mine', '-E', 'cloud', ...GOOD], inData(folder))).toMatchObject({
      code: 0,
    });
  });

  it('takes values from a file, and others from flags first', async () => {
    const folder = await withTemplate({ 'values.toml': 'colour = "green"\nsize = "s"\n' });
    const args = ['--values-file', 'values.toml', '-v', 'size=m', '--no-vcs', '-o', 'deep/down'];
    expect(await folder.run(['new', 'x', '-t', 'mine', ...args], inData(folder))).toMatchObject({ code: 0 });
    expect(await read(folder, 'deep/down/x.txt')).toBe('green m\n');
    expect(await readdir(join(folder.path, 'deep/down'))).not.toContain('.gitignore');
  });

  it.each([
    ['a template that is not there', ['new', 'x', '-t', 'moon'], 'there is no template "moon"'],
    ['no template where nobody can choose', ['new', 'x'], 'no template was given, and there is no terminal'],
    ['no name where nobody can be asked', ['new', 'mine'], 'no name was given, and there is no terminal'],
    ['a name that is none', ['new', '4x', '-t', 'mine', ...GOOD], "'4x' does not start with a letter"],
    ['a name that leads out', ['new', '../x', '-t', 'mine', ...GOOD], 'begins or ends with a separator'],
    ['a name that no id can be made of', ['new', 'Müller-Šop', '-t', 'http-js', '-a'], "they cannot have 'ü', 'Š'"],
    ['a missing value', ['new', 'x', '-t', 'mine', '-a'], "Parameter 'size' not provided"],
    ['a missing value with a default', ['new', 'x', '-t', 'mine', '-v', 'size=m'], "Parameter 'colour' not provided"],
    [
      'wrong values, all at once',
      ['new', 'x', '-t', 'mine', '-a', '-v', 'size=xxl', '-v', 'colour=UP', '-v', 'odd=1'],
      /size must be one of s, m.*\n- colour must match.*\n- the template has no parameter named 'odd'/,
    ],
    ['a values file that is not there', ['new', 'x', '-t', 'mine', '--values-file', 'no.toml'], 'cannot read'],
    ['a template twice', ['new', 'a', 'b', '-t', 'mine'], 'Cannot supply both'],
    ['a use that the template has not', ['add', 'x', '-t', 'http-empty'], 'file does not exist'],
  ])('refuses %s, and leaves nothing behind', async (_what, args, message) => {
    const folder = await withTemplate();
    const { code, stderr, stdout } = await folder.run(args, inData(folder));
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^Error: [^]*\n {2}SPK\d{4}/);
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(await entries(folder)).toEqual([]);
  });

  it.each([
    [
      'uses a value that it does not ask for',
      { 'data/templates/mine/content/spin.toml': '{{ missing }}' },
      'undefined variable',
    ],
    [
      'makes a manifest that cannot be read',
      { 'data/templates/mine/content/spin.toml': 'spin_manifest_version = 9' },
      'invalid manifest version',
    ],
    [
      'asks for an unknown filter in a path',
      { 'data/templates/mine/content/{{"a" !! moon}}.txt': 'x' },
      'fails in the path',
    ],
    ['has a path made of dots', { 'data/templates/mine/content/{{".." }}/x.txt': 'x' }, 'leaves the folder'],
  ])('fails on a template that %s, and leaves nothing behind', async (_how, changed, message) => {
    const folder = await withTemplate(changed);
    const { code, stderr } = await folder.run(['new', 'x', '-t', 'mine', ...GOOD], inData(folder));
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(stderr).toContain('SPK5010');
    expect(await entries(folder)).toEqual([]);
  });

  it('keeps out of a folder with files, unless it may write over those of the same names', async () => {
    const folder = await withTemplate({ 'there/spin.toml': 'old', 'there/kept.txt': 'kept' });
    const args = ['new', 'there', '-t', 'mine', ...GOOD];
    const { code, stderr } = await folder.run(args, inData(folder));
    expect([code, stderr]).toEqual([1, expect.stringContaining('already contains other files')]);
    expect(await read(folder, 'there/spin.toml')).toBe('old');
    expect(await folder.run([...args, '--allow-overwrite'], inData(folder))).toMatchObject({ code: 0 });
    expect(await read(folder, 'there/spin.toml')).toContain('name = "there"');
    expect(await read(folder, 'there/kept.txt')).toBe('kept');
  });

  it('puts everything back when a file cannot be put in its place', async () => {
    const folder = await withTemplate({ 'there/a.txt': 'old' });
    // A folder stands where a file should go, and comes after others in order.
    await folder.write('there/spin.toml/inner.txt', 'mine');
    await folder.write('there/.gitignore', 'old');
    const { code, stderr } = await folder.run(
      ['new', 'there', '-t', 'mine', '--allow-overwrite', ...GOOD],
      inData(folder),
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('SPK5013')]);
    expect(await read(folder, 'there/.gitignore')).toBe('old');
    expect(await read(folder, 'there/spin.toml/inner.txt')).toBe('mine');
    expect((await readdir(join(folder.path, 'there'))).toSorted()).toEqual(['.gitignore', 'a.txt', 'spin.toml']);
  });

  it('makes an application in the current folder with --init', async () => {
    const folder = await withTemplate();
    await folder.write('here/.keep', '');
    const args = ['new', 'x', '-t', 'mine', '--init', '--allow-overwrite', ...GOOD];
    const made = await folder.run(args, { ...inData(folder), cwd: join(folder.path, 'here') });
    expect(made).toMatchObject({ code: 0, stdout: 'Created x from mine\nNext: spindle up\n' });
    expect(await read(folder, 'here/spin.toml')).toContain('name = "x"');
  });
});

/** An application of the test's own template. */
const shop = async (): Promise<AppFolder> => {
  const folder = await withTemplate();
  expect(await folder.run(['new', 'shop', '-t', 'mine', ...GOOD], inData(folder))).toMatchObject({ code: 0 });
  return folder;
};

describe('spindle add', () => {
  it('puts a component into an application, in a folder of its own', async () => {
    const folder = await shop();
    const before = await read(folder, 'shop/spin.toml');
    await folder.write('shop/spin.toml', `# A comment of mine\n${before}`);
    const options = { ...inData(folder), cwd: join(folder.path, 'shop') };
    const added = await folder.run(['add', 'cart-view', '-t', 'mine', ...GOOD], options);
    expect(added).toMatchObject({ code: 0, stdout: 'Added cart-view from mine to spin.toml\n' });
    const text = await read(folder, 'shop/spin.toml');
    expect(text.startsWith(`# A comment of mine\n${before}`)).toBe(true);
    const { manifest } = parseManifest(text, 'spin.toml');
    expect([...manifest.components.keys()]).toEqual(['a', 'cart-view']);
    expect(await read(folder, 'shop/cart-view/cart_view.txt')).toBe('red m\n');
  });

  it('says when what it adds takes the route of another', async () => {
    const folder = await shop();
    const options = { ...inData(folder), cwd: join(folder.path, 'shop') };
    const added = await folder.run(
      ['add', 'redirect', 'all', '-a', '-v', 'redirect-from=/...', '-v', 'redirect-to=/x'],
      options,
    );
    expect(added).toMatchObject({
      code: 0,
      stderr:
        'Warning: a is never reached: its route /... is that of all too. Give one of them another route in spin.toml\n',
    });
  });

  it.each([
    ['an absolute one', (folder: AppFolder) => join(folder.path, 'shop/parts/b'), 'parts/b/x.wasm'],
    ['one above', () => '../b', '../b/x.wasm'],
  ])('names its folder relative to the manifest: %s', async (_which, output, source) => {
    const folder = await shop();
    const options = { ...inData(folder), cwd: folder.path };
    const args = ['add', 'b', '-t', 'mine', '-f', 'shop', '-o', output(folder), ...GOOD];
    expect(await folder.run(args, options)).toMatchObject({ code: 0, stderr: '' });
    const { manifest } = parseManifest(await read(folder, 'shop/spin.toml'), 'spin.toml');
    expect(manifest.components.get('b')?.source).toEqual({ kind: 'local', path: source });
    await stat(join(folder.path, 'shop', source, '../b.txt'));
  });

  it('changes nothing when the manifest would not be sound with it', async () => {
    const folder = await shop();
    const options = { ...inData(folder), cwd: join(folder.path, 'shop') };
    const before = await read(folder, 'shop/spin.toml');
    expect(await folder.run(['add', 'a', '-t', 'mine', ...GOOD], options)).toMatchObject({ code: 1 });
    expect(await read(folder, 'shop/spin.toml')).toBe(before);
    await expect(stat(join(folder.path, 'shop/a'))).rejects.toThrow('ENOENT');
  });

  it('adds a redirect, for which no folder is needed', async () => {
    const folder = await shop();
    const options = { ...inData(folder), cwd: join(folder.path, 'shop') };
    const values = ['-a', '-v', 'redirect-from=/old', '-v', 'redirect-to=/new'];
    expect(await folder.run(['add', 'old', '-t', 'redirect', ...values], options)).toMatchObject({
      code: 0,
      stderr: '',
    });
    const { manifest } = parseManifest(await read(folder, 'shop/spin.toml'), 'spin.toml');
    expect(manifest.triggers.find(({ id }) => id === 'old')?.config).toEqual({
      route: '/old',
      static_response: { status_code: 302, headers: { location: '/new' } },
    });
    await expect(stat(join(folder.path, 'shop/old'))).rejects.toThrow('ENOENT');
  });
});

describe('on a terminal', () => {
  it('everything that was not given is asked for, again until it fits', async () => {
    const folder = await withTemplate();
    const options = { cwd: folder.path, env: { ...inData(folder).env, HOME: join(folder.path, 'home') } };
    const shown = await onTerminal(
      ['new', '--tag', 'test'],
      [
        ['Name of the new application: ', '4 wrong\r'],
        ['Name of the new application: ', 'asked\r'],
        ['Colour [red]: ', '\r'],
        ['Size (s, m): ', 'xl\r'],
        ['Size (s, m): ', 'm\r'],
      ],
      options,
    );
    expect(shown).toContain("'4' does not start with a letter");
    expect(shown).toContain('The value must be one of s, m, not "xl"');
    expect(shown).toMatch(/Created asked from mine in asked\nNext: .*\nexit 0$/);
    expect(await read(folder, 'asked/asked.txt')).toBe('red m\n');
  });

  it('a template can be chosen, and Ctrl-C leaves nothing behind', async () => {
    const folder = await withTemplate();
    const options = { cwd: folder.path, env: { ...inData(folder).env, HOME: join(folder.path, 'home') } };
    const shown = await onTerminal(
      ['new', 'x'],
      [
        ['Template: ', 'moon\r'],
        ['Template: ', 'mine\r'],
        ['Colour [red]: ', '\u0003'],
      ],
      options,
    );
    expect(shown).toMatch(/ {2}mine {2,}A template of the test\n[^]*no answer was given\n {2}SPK5005[^]*exit 1$/);
    expect(await entries(folder)).toEqual([]);
  });
});
