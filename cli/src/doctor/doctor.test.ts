import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';
import { onTerminal } from '../testing/on-terminal.ts';

const SOUND = manifest({ guest: {} });
const OLD = `# Made long ago
spin_manifest_version = "1"
name = "old"
version = "1.0.0"
trigger = { type = "http" }
[[component]]
id = "guest"
source = "guest.wasm"
allowed_outbound_hosts = []
[component.trigger]
route = "/..."
`;

const folderWith = async (text: string): Promise<AppFolder> =>
  appFolder({ 'spin.toml': text, 'guest.wasm': await fixture('rhello') });
const read = (folder: AppFolder): Promise<string> => readFile(join(folder.path, 'spin.toml'), 'utf8');

describe('spindle doctor', () => {
  it('finds nothing where nothing is wrong', async () => {
    const folder = await folderWith(SOUND);
    expect(await folder.run(['doctor'])).toEqual({
      code: 0,
      signal: null,
      stdout: `Checking ${folder.path}/spin.toml...\nNo problems found.\n`,
      stderr: '',
    });
  });

  it('notes a route that another component has too', async () => {
    const folder = await folderWith(
      manifest({ guest: {}, late: { table: 'source = "guest.wasm"' } }).replace('source = "late.wasm"\n', ''),
    );
    const { code, stdout } = await folder.run(['doctor']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('guest is never reached: its route /... is that of late too'),
    ]);
  });

  it.each([
    [
      'a missing version',
      SOUND.replace(/^spin_manifest_version.*\n/, ''),
      "missing 'spin_manifest_version' key",
      SOUND,
    ],
    ['a wrong version', SOUND.replace('= 2', '= "2"'), 'must be "1" or 2, not "2"', SOUND],
    ['an old key', OLD.replace('spin_manifest_version', 'spin_version'), "using old 'spin_version' key", OLD],
    ['version 1 as a number', OLD.replace('"1"', '1'), 'must be "1" or 2, not 1', OLD],
    [
      'no trigger',
      OLD.replace(/^trigger.*\n/m, ''),
      'missing top-level trigger config',
      OLD.replace(/^trigger.*\n/m, '').replace('version = "1"\n', 'version = "1"\ntrigger = { type = "http" }\n'),
    ],
    [
      'no route',
      OLD.replace(/^\[component.trigger\]\nroute.*\n/m, ''),
      'HTTP component "guest" missing trigger.route',
      OLD.replace('[component.trigger]', '\n[component.trigger]').replace('= []\n\n', '= []\n'),
    ],
  ])('mends %s, and leaves the rest of the text alone', async (_what, text, finding, mended) => {
    const folder = await folderWith(text);
    const before = await folder.run(['doctor']);
    expect(before.stdout).toContain(finding);
    expect(await read(folder)).toBe(text);
    const mending = await folder.run(['doctor', '--yes']);
    expect(mending).toMatchObject({ code: 0, stderr: '' });
    const text1 = await readFile(join(folder.path, 'spin.toml.v1_backup'), 'utf8').catch(() => read(folder));
    expect(text1.trim()).toBe(mended.trim());
    expect((await folder.run(['doctor'])).stdout).toContain('No problems found.');
  });

  it('upgrades a manifest of version 1, and keeps the old one', async () => {
    const folder = await folderWith(OLD);
    expect(await folder.run(['doctor'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Note: Version 1 manifest can be upgraded to version 2'),
    });
    expect(await folder.run(['doctor', '-y'])).toMatchObject({ code: 0 });
    expect(parseManifest(await read(folder), 'spin.toml').manifest.writtenVersion).toBe(2);
    expect(await readFile(join(folder.path, 'spin.toml.v1_backup'), 'utf8')).toBe(OLD);
    expect(await folder.up().get('/')).toBe('Hello from Rust!\n');
  });

  it('builds a component that is missing', async () => {
    const folder = await folderWith(
      manifest({ made: { table: '[component.made.build]\ncommand = "cp guest.wasm made.wasm"' } }),
    );
    const { code, stdout, stderr } = await folder.run(['doctor']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('Component "made" source "made.wasm" is missing')]);
    expect(stderr).toContain('one problem is left\n  SPK5023');
    expect(await folder.run(['doctor', '--yes'])).toMatchObject({ code: 0 });
    expect(await folder.up().get('/')).toBe('Hello from Rust!\n');
  });

  it.each([
    ['a broken manifest', '[', 'The manifest is not valid: TOML parse error'],
    ['an unknown field', SOUND.replace('source', 'sauce'), 'unknown field `sauce`'],
    ['a missing component without a build', SOUND.replace('guest.wasm', 'gone.wasm'), 'It has no build command'],
    ['a build that fails', manifest({ made: { table: '[component.made.build]\ncommand = "exit 7"' } }), 'is missing'],
    [
      'routes missing in several components',
      `${OLD.replace(/^\[component.trigger\]\nroute.*\n/m, '')}[[component]]\nid = "b"\nsource = "guest.wasm"\n`,
      'Give it a route',
    ],
  ])('cannot mend %s, and says so with its exit status', async (_what, text, finding) => {
    const folder = await folderWith(text);
    const { code, stdout, stderr } = await folder.run(['doctor', '--yes']);
    expect([code, stdout]).toEqual([1, expect.stringContaining(finding)]);
    expect(stderr).toContain('SPK5023');
    expect(stderr).not.toContain('defect of Spindle');
  });

  it('installs a missing Rust target with rustup', async () => {
    const build = '[component.guest.build]\ncommand = "cargo build --target wasm32-wasip2"';
    const folder = await folderWith(manifest({ guest: { table: build } }));
    // Keeps its targets in a file, as the real one keeps them in a folder.
    await folder.write('bin/rustup', '#!/bin/sh\n[ "$2" = add ] && echo "$3" >> targets\ncat targets 2>/dev/null\n:\n');
    await folder.write('bin/cargo', '#!/bin/sh\n');
    await chmod(join(folder.path, 'bin/rustup'), 0o755);
    await chmod(join(folder.path, 'bin/cargo'), 0o755);
    const env = { PATH: `${join(folder.path, 'bin')}:${process.env['PATH']}` };
    const asked = await folder.run(['doctor'], { env });
    expect([asked.code, asked.stdout]).toEqual([1, expect.stringContaining('target wasm32-wasip2 is not installed')]);
    expect(await folder.run(['doctor', '--yes'], { env })).toMatchObject({ code: 0 });
    expect(await folder.run(['doctor'], { env })).toMatchObject({ stdout: expect.stringContaining('No problems') });
  });

  it.each([
    ['y\r', 'Treatment applied', SOUND, 0],
    ['\r', 'one problem is left', SOUND.replace(/^spin_manifest_version.*\n/, ''), 1],
  ])('asks on a terminal before it changes anything, and takes %j for an answer', async (typed, said, text, code) => {
    const folder = await folderWith(SOUND.replace(/^spin_manifest_version.*\n/, ''));
    const question = 'Shall the doctor add spin_manifest_version to the manifest? [y/N] ';
    const shown = await onTerminal(['doctor'], [[question, typed]], { cwd: folder.path });
    expect(shown).toContain(said);
    expect(shown).toMatch(new RegExp(`exit ${code}$`));
    expect(await read(folder)).toBe(text);
  });
});
