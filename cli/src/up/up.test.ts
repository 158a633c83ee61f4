import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixture } from '../../../test/guests/fixtures.ts';
import { RunningSpindle, runSpindle } from '../testing/run-spindle.ts';

let folder: string;
const started: RunningSpindle[] = [];

const MANIFEST = `spin_manifest_version = 2
[application]
name = "tried"
version = "1.2.3"
[variables]
greeting = { default = "Hello" }
[[trigger.http]]
route = "/..."
component = "dump"
[[trigger.http]]
route = "/moved"
static_response = { status_code = 302, headers = { location = "/" } }
[component.dump]
description = "Says what it sees"
source = "dump.wasm"
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-up-'));
  await writeFile(join(folder, 'spin.toml'), MANIFEST);
  await writeFile(join(folder, 'dump.wasm'), await fixture('rdump'));
});

afterEach(async () => {
  for (const running of started.splice(0)) {
    await running.stop('SIGKILL');
  }
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]): RunningSpindle {
  const running = new RunningSpindle(['up', '--listen', '127.0.0.1:0', '--cache-dir', join(folder, 'cache'), ...args], {
    cwd: folder,
  });
  started.push(running);
  return running;
}

describe('spindle up', () => {
  it('serves the app of the folder, says what is where, and ends well on SIGTERM', async () => {
    const running = start();
    const [, baseUrl = ''] = await running.printed(/Serving (http:\/\/127\.0\.0\.1:\d+)[^]*\n {4}Says what it sees\n/);
    expect(running.stdout).toBe(
      `\nServing ${baseUrl}\nAvailable Routes:\n` +
        `  http-trigger1: ${baseUrl}/moved\n  dump: ${baseUrl} (wildcard)\n    Says what it sees\n`,
    );
    const response = await fetch(`${baseUrl}/x`, { headers: { 'x-test': '1' } });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('x-test: 1\n');
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect(running.stderr).toContain(`Logging component stdio to "${join(folder, '.spin/logs')}/"`);
  });

  it('prints one JSON document for programs', async () => {
    const running = start('--format', 'json');
    const [text] = await running.printed(/^\{.*\}$/m);
    const { base_url, routes } = JSON.parse(text) as { base_url: string; routes: unknown };
    expect(base_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(routes).toEqual([
      { id: 'http-trigger1', route: '/moved', wildcard: false },
      { id: 'dump', route: '', wildcard: true, description: 'Says what it sees' },
    ]);
  });

  it('serves a single component on all routes', async () => {
    const running = start('-f', 'dump.wasm');
    const [, baseUrl = ''] = await running.printed(/Serving (\S+)/);
    expect(await (await fetch(`${baseUrl}/any/where`)).text()).toContain('spin-path-info: /any/where\n');
  });

  it('lets a running request finish after SIGTERM and takes no new one', async () => {
    await writeFile(join(folder, 'dump.wasm'), await fixture('rchunks'));
    const running = start();
    const [, baseUrl = ''] = await running.printed(/Serving (\S+)/);
    const response = await fetch(`${baseUrl}/?count=3&size=5&ms=200`);
    const stopped = running.stop();
    expect(await response.text()).toBe('aaaaabbbbbccccc');
    expect(await stopped).toMatchObject({ code: 0 });
    await expect(fetch(baseUrl)).rejects.toThrow('fetch failed');
  });

  it('ends what is still running when the time to drain is over', async () => {
    await writeFile(join(folder, 'dump.wasm'), await fixture('rnever'));
    const running = start('--shutdown-timeout', '0.2');
    const [, baseUrl = ''] = await running.printed(/Serving (\S+)/);
    const answer = fetch(`${baseUrl}/?hang`).then(
      ({ status }) => status,
      () => 'cut',
    );
    await fetch(`${baseUrl}/.well-known/spin/health`);
    expect(await running.stop()).toMatchObject({ code: 0 });
    expect([500, 'cut']).toContain(await answer);
  });

  it.each([
    ['a missing source', ['-f', 'nowhere/spin.toml'], 1, 'nowhere/spin.toml'],
    ['a configuration that is not there', ['--runtime-config-file', 'none.toml'], 1, 'none.toml'],
    ['a bad address', ['--listen', 'nowhere'], 2, '--listen must be an address, not "nowhere"'],
    ['a variable without a value', ['--variable', 'x'], 2, "variables must be in the form 'key=value' or '@file'"],
    ['one half of TLS', ['--tls-cert', 'a.pem'], 2, '--tls-cert and --tls-key only work together'],
  ])('answers %s with one clear error', async (_what, args, status, message) => {
    const { code, stderr } = await runSpindle(['up', ...args], { cwd: folder });
    expect(code).toBe(status);
    expect(stderr).toMatch(/^Error: .*\n {2}SPK\d{4}/);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at .*\(?file:/);
  });

  it('refuses an unknown flag with status 2 and a suggestion', async () => {
    const { code, stderr } = await runSpindle(['up', '--lisen', 'x'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('--listen');
  });

  it('names a port that is taken, and finds a free one when asked to', async () => {
    const first = start();
    const [, port = ''] = await first.printed(/Serving http:\/\/127\.0\.0\.1:(\d+)/);
    const { code, stderr } = await runSpindle(['up', '--listen', `127.0.0.1:${port}`], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `127.0.0.1:${port} is already in use. To have Spin search for a free port, use the --find-free-port option.`,
    );
    const second = new RunningSpindle(['up', '--listen', `127.0.0.1:${port}`, '--find-free-port'], { cwd: folder });
    started.push(second);
    const [, other] = await second.printed(/Serving http:\/\/127\.0\.0\.1:(\d+)/);
    expect(Number(other)).toBeGreaterThan(Number(port));
  });

  it('writes what guests print to files and, unless quiet, to stderr', async () => {
    await writeFile(join(folder, 'dump.wasm'), await fixture('rlate'));
    for (const quiet of [[], ['--quiet']]) {
      const running = start(...quiet, '--truncate-logs');
      const [, baseUrl = ''] = await running.printed(/Serving (\S+)/);
      await (await fetch(baseUrl)).text();
      const { stderr } = await running.stop();
      const log = await readFile(join(folder, '.spin/logs/dump_stderr.txt'), 'utf8');
      expect(log).not.toBe('');
      expect(stderr.includes(log)).toBe(quiet.length === 0);
    }
  });
});
