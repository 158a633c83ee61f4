// What each flag and each place of configuration does to what a guest sees, or to the files around it.
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const stateApp = async (): Promise<AppFolder> =>
  appFolder({
    'spin.toml': manifest({ skv: { table: 'key_value_stores = ["default"]' } }),
    'skv.wasm': await fixture('skv'),
  });

const filesApp = async (): Promise<AppFolder> =>
  appFolder({
    'spin.toml': manifest({ rfiles: { table: 'files = [{ source = "assets", destination = "/" }]' } }),
    'rfiles.wasm': await fixture('rfiles'),
    'assets/a.txt': 'first',
  });

const logsApp = async (): Promise<AppFolder> =>
  appFolder({
    'spin.toml': manifest({ late: {}, print: { route: '/print' } }),
    'late.wasm': await fixture('rlate'),
    'print.wasm': await fixture('renv'),
  });

const log = (folder: AppFolder, name: string): Promise<string> => readFile(join(folder.path, name), 'utf8');

describe('variables and environment', () => {
  const NAMES = ['plain', 'file', 'json', 'toml', 'twice', 'environment', 'dotenv', 'lowest', 'default'];
  const declared = NAMES.map((name) => `${name} = { default = "of the manifest" }`).join('\n');
  const used = NAMES.map((name) => `${name} = "{{ ${name} }}"`).join('\n');

  it('come from --variable in all its forms, then the environment, then .env, then the manifest; --env from itself', async () => {
    const folder = await appFolder({
      'spin.toml': manifest(
        {
          svars: { table: `[component.svars.variables]\n${used}` },
          renv: { route: '/env', table: 'environment = { GIVEN = "by the manifest", KEPT = "1" }' },
        },
        `[variables]\n${declared}\n`,
      ),
      'svars.wasm': await fixture('svars'),
      'renv.wasm': await fixture('renv'),
      'value.txt': 'of a file\n',
      'a.json': '{ "json": "of JSON" }',
      'a.toml': 'toml = "of TOML"',
      '.env': 'SPIN_VARIABLE_DOTENV="of .env" # comment\nSPIN_VARIABLE_ENVIRONMENT=hidden\n',
    });
    const variables = ['plain=a=b', 'file=@value.txt', '@a.json', '@a.toml', 'twice=first', 'twice=second'];
    const running = folder.up(
      [...variables.flatMap((text) => ['--variable', text]), '--env', 'GIVEN=by the flag', '-e', 'MORE=x=y'],
      { env: { SPIN_VARIABLE_ENVIRONMENT: 'of the environment', SPIN_VARIABLE_PLAIN: 'hidden' } },
    );
    const seen: Record<string, string> = {};
    for (const name of NAMES) {
      seen[name] = (await running.get(`/${name}`)).slice(0, -1);
    }
    expect(seen).toEqual({
      plain: 'a=b',
      file: 'of a file\n',
      json: 'of JSON',
      toml: 'of TOML',
      twice: 'second',
      environment: 'of the environment',
      dotenv: 'of .env',
      lowest: 'of the manifest',
      default: 'of the manifest',
    });
    expect(await running.get('/env')).toBe('GIVEN=by the flag\nKEPT=1\nMORE=x=y\n');
  });

  it('that nobody gives stop the start, with the ways to give one', async () => {
    const { run } = await appFolder({
      'spin.toml': manifest({ rhello: {} }, '[variables]\ntoken = { required = true }\n'),
      'rhello.wasm': await fixture('rhello'),
    });
    const { code, stderr } = await run(['up']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Error: no provider resolved required variable(s): ["token"]\n  SPK1005 at variables.token',
    );
    expect(stderr).toContain('SPIN_VARIABLE_TOKEN');
  });

  it('in a .env that cannot be read are told of', async () => {
    const folder = await appFolder({ 'spin.toml': manifest({ rhello: {} }), 'rhello.wasm': await fixture('rhello') });
    await mkdir(join(folder.path, '.env'));
    const { code, stderr } = await folder.run(['up']);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`Error: cannot read ${folder.path}/.env\n  SPK5004\n`)]);
  });
});

describe('state', () => {
  it('is kept beside spin.toml from run to run, with the values of --key-value set before each', async () => {
    const folder = await stateApp();
    const first = folder.up(['--key-value', 'visits=41', '--key-value', 'other=x']);
    expect([await first.get('/'), await first.get('/get/other')]).toEqual(['42\n', 'Some("x")\n']);
    await first.stop();
    expect(await readdir(join(folder.path, '.spin'))).toContain('sqlite_key_value.db');
    expect(await folder.up().get('/')).toBe('43\n');
  });

  it('is only in memory with --state-dir ""', async () => {
    const folder = await stateApp();
    expect(await folder.up(['--state-dir', '']).get('/')).toBe('1\n');
    expect(await exists(join(folder.path, '.spin'))).toBe(false);
  });

  it('is where the runtime configuration says, relative to that file', async () => {
    const folder = await stateApp();
    await folder.write('config/runtime.toml', '[key_value_store.default]\ntype = "spin"\npath = "kept.db"\n');
    const first = folder.up([], { env: { RUNTIME_CONFIG_FILE: 'config/runtime.toml' } });
    expect(await first.get('/')).toBe('1\n');
    await first.stop();
    expect(await folder.up(['--runtime-config-file', 'config/runtime.toml']).get('/')).toBe('2\n');
    expect(await readdir(join(folder.path, 'config'))).toContain('kept.db');
  });

  it('is where state_dir of the runtime configuration says, unless --state-dir says otherwise', async () => {
    const folder = await stateApp();
    await folder.write('runtime.toml', 'state_dir = "configured"\n');
    const given = ['--runtime-config-file', 'runtime.toml'];
    for (const args of [given, [...given, '--state-dir', 'named']]) {
      const running = folder.up(args);
      expect(await running.get('/')).toBe('1\n');
      await running.stop();
    }
    const places = ['configured', 'named', '.spin'].map((name) => exists(join(folder.path, name)));
    expect(await Promise.all(places)).toEqual([true, true, false]);
  });

  it('is not guessed from a runtime configuration with an unknown key', async () => {
    const folder = await stateApp();
    await folder.write('runtime.toml', '[key_value_stores.default]\ntype = "spin"\n');
    const { code, stderr } = await folder.run(['up', '--runtime-config-file', 'runtime.toml']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Error: unknown runtime configuration key: key_value_stores\n  SPK4001 at ${folder.path}/runtime.toml\n`,
    );
    expect(stderr).toContain('key_value_store,');
  });
});

describe('files', () => {
  it('are copies that guests cannot write to', async () => {
    const folder = await filesApp();
    const running = folder.up();
    expect([await running.get('/a.txt'), await running.get('/b.txt?write=x')]).toEqual([
      'first',
      'error not-permitted\n',
    ]);
    await folder.write('assets/a.txt', 'second');
    expect(await running.get('/a.txt')).toBe('first');
  });

  it('are copies that guests can write to with --allow-transient-write', async () => {
    const folder = await filesApp();
    const running = folder.up(['--allow-transient-write']);
    expect([await running.get('/b.txt?write=new'), await running.get('/b.txt')]).toEqual(['wrote 3\n', 'new']);
    expect(await readdir(join(folder.path, 'assets'))).toEqual(['a.txt']);
  });

  it('are the folder itself with --direct-mounts', async () => {
    const folder = await filesApp();
    const running = folder.up(['--direct-mounts']);
    expect(await running.get('/a.txt')).toBe('first');
    await folder.write('assets/a.txt', 'second');
    expect(await running.get('/a.txt')).toBe('second');
  });
});

/** Which mode it is depends on the machine. */
const ENGINE_LINE = /^Engine: reset by .*, (?:up to )?\d+ threads?\n/m;

describe('components', () => {
  it('are only those that --component-id names', async () => {
    const folder = await logsApp();
    const running = folder.up(['-c', 'print']);
    const url = await running.serving();
    expect((await fetch(`${url}/print`)).status).toBe(200);
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  it('that do not exist stop the start, with those that do', async () => {
    const { code, stderr } = await (await logsApp()).run(['up', '--component-id', 'nobody']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Name some of: late, print.')]);
  });
});

describe('logs', () => {
  it('of one component are echoed with --follow, those of all are kept, after what was there', async () => {
    const folder = await logsApp();
    await folder.write('logs/print_stdout.txt', 'earlier\n');
    const running = folder.up(['--follow', 'print', '--log-dir', 'logs']);
    await running.get('/print?out=said');
    await running.get('/?steps=0');
    const { stderr } = await running.stop();
    expect(stderr.replace(ENGINE_LINE, '')).toBe(`Logging component stdio to "${folder.path}/logs/"\nsaid\n`);
    expect(await log(folder, 'logs/print_stdout.txt')).toBe('earlier\nsaid\n');
    expect(await log(folder, 'logs/late_stderr.txt')).toBe('late end\n');
  });

  it('begin anew with --truncate-logs, also those of a component that prints nothing', async () => {
    const folder = await logsApp();
    await folder.write('.spin/logs/print_stdout.txt', 'earlier\n');
    await folder.write('.spin/logs/late_stderr.txt', 'earlier\n');
    const running = folder.up(['--truncate-logs']);
    await running.get('/print?out=said');
    await running.stop();
    expect(await log(folder, '.spin/logs/print_stdout.txt')).toBe('said\n');
    expect(await log(folder, '.spin/logs/late_stderr.txt')).toBe('');
  });

  it('are not files with --log-dir ""', async () => {
    const folder = await logsApp();
    const running = folder.up(['--log-dir', '']);
    await running.get('/print?out=said');
    const { stderr } = await running.stop();
    expect(stderr).toMatch(ENGINE_LINE);
    expect(stderr.replace(ENGINE_LINE, '')).toBe('said\n');
    expect(await exists(join(folder.path, '.spin/logs'))).toBe(false);
  });
});
