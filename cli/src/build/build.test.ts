import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, describe, it } from 'vitest';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';

const component = (id: string, build: string): Record<string, { route: string; table: string }> => ({
  [id]: { route: `/${id}`, table: `[component.${id}.build]\n${build}` },
});

const app = (components: Record<string, { route: string; table?: string }>): Promise<AppFolder> =>
  appFolder({ 'spin.toml': manifest(components) });

const read = (folder: AppFolder, name: string): Promise<string> => readFile(join(folder.path, name), 'utf8');

describe('spindle build', () => {
  it('runs the commands of each component in order, in its folder, and tells them apart', async () => {
    const folder = await app({
      ...component('first', 'command = ["echo one >> log", "echo two >> log", "echo said; echo cried >&2"]'),
      ...component('second', 'command = "echo three >> ../log; pwd"\nworkdir = "deep"'),
      third: { route: '/third' },
    });
    await folder.write('deep/.keep', '');
    const { code, stdout, stderr } = await folder.run(['build']);
    expect([code, stdout]).toEqual([0, '']);
    expect(await read(folder, 'log')).toBe('one\ntwo\nthree\n');
    expect(stderr.split('\n')).toEqual([
      'Building component first (3 commands)',
      "Running build step 1/3 for component first with 'echo one >> log'",
      "Running build step 2/3 for component first with 'echo two >> log'",
      "Running build step 3/3 for component first with 'echo said; echo cried >&2'",
      expect.stringMatching(/^first \| (said|cried)$/),
      expect.stringMatching(/^first \| (said|cried)$/),
      'Building component second with `echo three >> ../log; pwd`',
      `Working directory: "${join(folder.path, 'deep')}"`,
      `second | ${join(folder.path, 'deep')}`,
      'Finished building all Spin components',
      '',
    ]);
  });

  it('gives the terminal to the command of a single component', async () => {
    const folder = await app(component('only', 'command = "echo as it is"'));
    const { stdout, stderr } = await folder.run(['build']);
    expect([stdout, stderr]).toEqual([
      'as it is\n',
      'Building component only with `echo as it is`\nFinished building all Spin components\n',
    ]);
  });

  it('builds the components that are named', async () => {
    const names = ['one', 'two', 'three'];
    const folder = await app(Object.assign({}, ...names.map((id) => component(id, `command = "touch ${id}.built"`))));
    expect(await folder.run(['build', '-c', 'one', '--component-id', 'three'])).toMatchObject({ code: 0 });
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.built')).toSorted()).toEqual([
      'one.built',
      'three.built',
    ]);
  });

  it('takes the command of a profile', async () => {
    const folder = await app(
      component('a', 'command = "echo plain > made"\n[component.a.profile.debug]\nbuild.command = "echo debug > made"'),
    );
    await folder.run(['build', '--profile', 'debug']);
    expect(await read(folder, 'made')).toBe('debug\n');
    const { code, stderr } = await folder.run(['build', '--profile', 'odd']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Profile odd is not defined in this application')]);
  });

  it('says so when there is nothing to build', async () => {
    const folder = await app({ a: { route: '/a' } });
    expect(await folder.run(['build'])).toMatchObject({
      code: 0,
      stderr: 'None of the components have a build command.\n',
    });
  });

  it('takes an empty command for one that has nothing to do, as a shell does', async () => {
    const folder = await app({ ...component('a', 'command = ""'), ...component('after', 'command = "touch went-on"') });
    expect(await folder.run(['build'])).toMatchObject({ code: 0 });
    expect(await readdir(folder.path)).toContain('went-on');
  });

  it.each([
    [
      'fails',
      'command = "exit 3"',
      [],
      'Build command for component a failed with status 3: exit 3',
      'above, says why',
    ],
    ['is not there', 'command = "no-such-program"', [], 'failed with status 127', 'is not installed'],
    ['may not be run', 'command = "./spin.toml"', [], 'failed with status 126', 'not executable'],
    ['is killed', 'command = "kill -9 $$"', [], 'failed with signal SIGKILL', 'above, says why'],
    ['has no folder', 'command = "true"\nworkdir = "moon"', [], 'of component a does not exist', 'Correct `workdir`'],
    ['has an absolute folder', 'command = "true"\nworkdir = "/"', [], 'must be relative', 'relative to the folder'],
    ['is of no component', 'command = "true"', ['-c', 'b'], 'Unknown component(s) b', 'The application has a, after'],
  ])('ends with one clear error when a command %s', async (_how, build, args, message, remedy) => {
    const folder = await app({ ...component('a', build), ...component('after', 'command = "touch went-on"') });
    const { code, stderr } = await folder.run(['build', ...args]);
    expect(code).toBe(1);
    const [, error = ''] = stderr.split('Error: ');
    expect(error).toContain(message);
    expect(error).toContain(remedy);
    expect(error).toMatch(/\n {2}SPK502\d at /);
    expect(await readdir(folder.path)).not.toContain('went-on');
  });

  it.each([
    ['an unknown flag', ['--lisen', 'x'], "error: unknown option '--lisen'\n"],
    ['a word too many', ['x'], "error: unknown argument 'x'\n"],
  ])('refuses %s without --up', async (_what, args, stderr) => {
    const folder = await app(component('a', 'command = "touch built"'));
    expect(await folder.run(['build', ...args])).toMatchObject({ code: 2, stderr });
    expect(await readdir(folder.path)).not.toContain('built');
  });

  it('works on manifests only', async () => {
    const folder = await appFolder({ 'a.wasm': '', 'app.yaml': '' });
    for (const from of ['a.wasm', 'app.yaml', 'registry.example/a:v1']) {
      const { code, stderr } = await folder.run(['build', '-f', from]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/SPK5022|No such file/)]);
    }
  });

  it('ends what a command has started when it is asked to stop', async () => {
    const folder = await app(component('a', 'command = "sleep 600 & echo $!; wait"'));
    const running = folder.start(['build']);
    const [pid = ''] = await running.printed(/^\d+$/m);
    expect(await isRunning(pid)).toBe(true);
    expect(await running.stop()).toMatchObject({ code: 1, stderr: expect.stringContaining('the build was stopped') });
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('serves the application afterwards, with the flags that are for that', async () => {
    const folder = await app({ ...component('a', 'command = "cp from.wasm a.wasm"') });
    await folder.write('from.wasm', await fixture('rhello'));
    const running = folder.start(['build', '--up', '--quiet', '--', '--listen', '127.0.0.1:0']);
    expect(await running.get('/a')).toBe('Hello from Rust!\n');
    expect(await running.stop()).toMatchObject({ code: 0 });
  });
});

/** A process whose end nobody has asked about yet runs no more. */
async function isRunning(pid: string): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) [^Z]/.test(state);
}

const unbuilt = async (): Promise<AppFolder> => {
  const folder = await app(component('a', 'command = "cp from.wasm a.wasm; echo built >> log"'));
  await folder.write('from.wasm', await fixture('rhello'));
  return folder;
};

describe('--build', () => {
  it('of up builds before it serves, and so does SPIN_ALWAYS_BUILD, once', async () => {
    const folder = await unbuilt();
    expect(await folder.up(['--build', '--quiet']).get('/a')).toBe('Hello from Rust!\n');
    const env = { SPIN_ALWAYS_BUILD: 'true' };
    expect(await folder.up([], { env }).get('/a')).toBe('Hello from Rust!\n');
    const both = folder.start(['build', '--up', '--listen', '127.0.0.1:0'], { env });
    expect(await both.get('/a')).toBe('Hello from Rust!\n');
    expect(await folder.up([], { env: { SPIN_ALWAYS_BUILD: '0' } }).get('/a')).toBe('Hello from Rust!\n');
    expect(await read(folder, 'log')).toBe('built\nbuilt\nbuilt\n');
  });

  it.each([
    ['up', ['up']],
    ['registry push', ['registry', 'push', '127.0.0.1:9/a:v1', '-k']],
  ])('of %s ends with the error of a build that fails', async (_what, args) => {
    const folder = await app(component('a', 'command = "exit 3"'));
    const { code, stdout, stderr } = await folder.run([...args, '--build']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Error: Build command for component a failed with status 3: exit 3\n  SPK5021');
  });

  it('stops with the command that it is for', async () => {
    const folder = await app(component('a', 'command = "echo begun; exec sleep 600"'));
    const running = folder.up(['--build']);
    await running.printed(/^begun$/m);
    expect(await running.stop()).toMatchObject({ code: 0 });
  });

  it('has a word on deployment targets, which nothing checks', async () => {
    const targets = 'targets = ["spin-up:3.3"]';
    const folder = await appFolder({
      'spin.toml': manifest({ a: { table: '[component.a.build]\ncommand = "true"' } }, `${targets}\n`),
    });
    expect((await folder.run(['build'])).stderr).toContain(
      'Note: the deployment targets of the manifest are not checked',
    );
    expect((await folder.run(['build', '--skip-target-checks'])).stderr).not.toContain('targets');
  });
});
