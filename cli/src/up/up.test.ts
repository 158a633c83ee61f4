import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fixture } from '../../../test/guests/fixtures.ts';
import { type AppFolder, appFolder, manifest } from '../testing/app-folder.ts';

const MANIFEST = manifest(
  { dump: { table: 'description = "Says what it sees"' } },
  `[[trigger.http]]
route = "/moved"
static_response = { status_code = 302, headers = { location = "/" } }
`,
);

let folder: AppFolder;
beforeEach(async () => {
  folder = await appFolder({ 'spin.toml': MANIFEST, 'dump.wasm': await fixture('rdump') });
});

describe('spindle up', () => {
  it('serves the app of the folder, says what is where, and ends well on SIGTERM', async () => {
    const running = folder.up();
    await running.printed(/\n {4}Says what it sees\n/);
    const url = await running.serving();
    expect(running.stdout).toBe(
      `\nServing ${url}\nAvailable Routes:\n` +
        `  http-trigger1: ${url}/moved\n  dump: ${url} (wildcard)\n    Says what it sees\n`,
    );
    const response = await fetch(`${url}/x`, { headers: { 'x-test': '1' } });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('x-test: 1\n');
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect(running.stderr).toContain(`Logging component stdio to "${join(folder.path, '.spin/logs')}/"`);
  });

  it('prints one JSON document for programs', async () => {
    const [text] = await folder.up(['--format', 'json']).printed(/^\{.*\}$/m);
    const { base_url, routes } = JSON.parse(text) as { base_url: string; routes: unknown };
    expect(base_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(routes).toEqual([
      { id: 'http-trigger1', route: '/moved', wildcard: false },
      { id: 'dump', route: '', wildcard: true, description: 'Says what it sees' },
    ]);
  });

  it('serves a single component on all routes', async () => {
    expect(await folder.up(['-f', 'dump.wasm']).get('/any/where')).toContain('spin-path-info: /any/where\n');
  });

  it('finds the manifest in a folder above and says so', async () => {
    await folder.write('deep/down/note.txt', '');
    const running = folder.up([], { cwd: join(folder.path, 'deep/down') });
    const [, found] = await running.printed(/^Using spin\.toml from parent directory: (.*)\n/m, 'stderr');
    expect(found).toBe(folder.path);
    expect(await running.get('/')).toContain('spin-path-info: /\n');
  });

  it('tells of routes that are never used', async () => {
    await folder.write('spin.toml', manifest({ first: { route: '/twice' }, dump: { route: '/twice' } }));
    await folder.write('first.wasm', await fixture('rhello'));
    const running = folder.up();
    await running.printed(
      /^The following component routes are duplicates and will never be used:\n {2}first: \/twice \(duplicate of dump\)\n/m,
      'stderr',
    );
    expect(await running.get('/twice')).toContain('spin-path-info: \n');
  });

  it.each([
    ['a missing source', ['-f', 'nowhere/spin.toml'], 1, 'nowhere/spin.toml'],
    ['a configuration that is not there', ['--runtime-config-file', 'none.toml'], 1, 'none.toml'],
    ['a bad address', ['--listen', 'nowhere'], 2, '--listen must be an address, not "nowhere"'],
    ['a variable without a value', ['--variable', 'x'], 2, "variables must be in the form 'key=value' or '@file'"],
    ['one half of TLS', ['--tls-cert', 'a.pem'], 2, '--tls-cert and --tls-key only work together'],
    ['an unknown flag', ['--lisen', 'x'], 2, 'Did you mean --listen?'],
  ])('answers %s with one clear error', async (_what, args, status, message) => {
    const { code, stderr } = await folder.run(['up', ...args]);
    expect(code).toBe(status);
    expect(stderr).toMatch(/^error: |^Error: .*\n {2}SPK\d{4}/);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at .*\(?file:/);
  });

  it('names a port that is taken, and finds a free one when asked to', async () => {
    const url = await folder.up().serving();
    const address = url.replace('http://', '');
    const { code, stderr } = await folder.run(['up', '--listen', address]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${address} is already in use. To have Spin search for a free port, use the --find-free-port option.`,
    );
    const other = await folder.up(['--listen', address, '--find-free-port']).serving();
    expect(Number(new URL(other).port)).toBeGreaterThan(Number(new URL(url).port));
  });

  it('writes what guests print to files and, unless quiet, to stderr', async () => {
    await folder.write('dump.wasm', await fixture('rlate'));
    for (const quiet of [[], ['--quiet']]) {
      const running = folder.up([...quiet, '--truncate-logs']);
      await running.get('/');
      const { stderr } = await running.stop();
      const log = await readFile(join(folder.path, '.spin/logs/dump_stderr.txt'), 'utf8');
      expect(log).toBe('late step 1\nlate step 2\nlate step 3\nlate end\n');
      expect(stderr.includes(log)).toBe(quiet.length === 0);
    }
  });
});
