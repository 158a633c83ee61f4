import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { appFolder } from './testing/app-folder.ts';
import { BIN, RunningSpindle, runSpindle } from './testing/run-spindle.ts';

const exec = promisify(execFile);

describe('the command line', () => {
  it('names its version', async () => {
    expect(await runSpindle(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it('shows its commands on stdout when asked, and on stderr with status 2 when nothing was asked', async () => {
    const [asked, bare] = await Promise.all([runSpindle(['--help']), runSpindle([])]);
    expect(asked).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/ {2}up .*\n {2}registry /) });
    expect(bare).toMatchObject({ code: 2, stdout: '', stderr: asked.stdout });
  });

  it.each([
    [['upp'], "error: unknown command 'upp'\n(Did you mean up?)\n"],
    [['registry', 'pusch', 'x'], "error: unknown command 'pusch'\n(Did you mean push?)\n"],
    [['registry', 'push'], "error: missing required argument 'reference'\n"],
    [
      ['up', '--format', 'xml'],
      "error: option '--format <format>' argument 'xml' is invalid. Allowed choices are plain, json.\n",
    ],
    [
      ['up', 'app.wasm'],
      'Error: "app.wasm" is no flag\n  SPK5001 at --from\n\nTo serve it, write: spindle up -f app.wasm\n',
    ],
    [
      ['up', '-f', 'a', '--from-registry', 'b'],
      'Error: More than one application source was specified\n  SPK5001 at --from, --from-registry\n\nKeep one of them.\n',
    ],
    [
      ['up', '-f', 'a.wasm', '--app', 'b'],
      'Error: --app chooses a SpinApp of a file, and --from names no .yaml or .json file that exists\n  SPK5001\n\nLeave it out, or name the file: spindle up -f app.yaml --app hello.\n',
    ],
  ])('refuses %j with status 2 and the way out', async (args, stderr) => {
    expect(await runSpindle(args)).toMatchObject({ code: 2, stdout: '', stderr });
  });

  it('is content when whoever read its output has left', async () => {
    const running = new RunningSpindle(['up', '--help']);
    running.child.stdout?.destroy();
    expect(await running.finished).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])(
    'prints a script for %s that asks the command itself',
    async (shell) => {
      const { code, stdout } = await runSpindle(['completion', shell]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/spindle complete ('--'|--) /);
    },
  );

  it.each([
    [['up', '--li'], ['--listen\taddress and port']],
    [
      ['up', '--format', ''],
      ['plain\t', 'json\t'],
    ],
    [
      ['registry', 'pu'],
      ['push\tStore an application in a registry.', expect.stringMatching(/^pull\t/)],
    ],
    [['compl'], ['completion\tGenerate shell completion scripts']],
  ])('suggests for %j', async (words, suggestions) => {
    const { stdout } = await runSpindle(['complete', '--', ...words]);
    expect(stdout.split('\n').slice(0, -2)).toEqual(suggestions);
  });

  it('works in bash', async () => {
    const { path, write } = await appFolder({});
    await write('bin/spindle', `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
    await chmod(join(path, 'bin/spindle'), 0o755);
    const { stdout } = await exec(
      'bash',
      [
        '-c',
        `set -e
        # What a terminal and the package bash-completion give, which not every machine has.
        compopt() { :; }
        _get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD cur="\${COMP_WORDS[COMP_CWORD]}"; }
        source <(spindle completion bash)
        COMP_WORDS=(spindle up --shut) COMP_CWORD=2 COMP_LINE='spindle up --shut' COMP_POINT=17
        $(complete -p spindle | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        echo "$COMPREPLY"`,
      ],
      { env: { ...process.env, PATH: `${join(path, 'bin')}:${process.env['PATH']}` } },
    );
    expect(stdout).toBe('--shutdown-timeout\n');
  });
});
