// bin/spindle.js on a Node that is too old: the real launcher, told by --import that its Node is 20. What it starts is
// the pinned Node, which is not told so.
import { spawn } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../test/guests/fixtures.ts';
import { appFolder, manifest } from './testing/app-folder.ts';
import { BIN, type RunningSpindle } from './testing/run-spindle.ts';

const CLAIM = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
Object.defineProperty(process, 'version', { value: 'v20.20.2' });`;
const onOldNode = { nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(CLAIM)}`] };

const slowApp = async (): Promise<Record<string, string | Uint8Array>> => ({
  'spin.toml': manifest({ chunks: {} }),
  'chunks.wasm': await fixture('rchunks'),
});

/** The process that a launcher has started. */
async function childOf({ child: { pid } }: RunningSpindle): Promise<number> {
  return Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

describe('the launcher on an old Node', () => {
  it('runs the command on the pinned Node, and ends with its status', async () => {
    const { run } = await appFolder({});
    expect(await run(['--version'], onOldNode)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+/) });
    expect(await run(['up', '--listen', 'nowhere'], onOldNode)).toMatchObject({ code: 2 });
  });

  it('passes on standard input', async () => {
    const { run } = await appFolder({});
    const login = ['registry', 'login', '127.0.0.1:1', '-k', '-u', 'a:b', '--password-stdin'];
    expect((await run(login, { ...onOldNode, input: 'secret\n' })).stderr).toContain('SPK2023');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('lets a running request finish after %s', async (signal) => {
    const running = (await appFolder(await slowApp())).up([], onOldNode);
    const response = await fetch(`${await running.serving()}/?count=3&size=5&ms=100`);
    const stopped = running.stop(signal);
    expect(await response.text()).toBe('aaaaabbbbbccccc');
    expect(await stopped).toMatchObject({ code: 0, signal: null });
  });

  it('takes a Ctrl-C that the terminal sends to both of them for one', async () => {
    const running = (await appFolder(await slowApp())).up([], onOldNode);
    const response = await fetch(`${await running.serving()}/?count=3&size=5&ms=100`);
    process.kill(await childOf(running), 'SIGINT');
    const stopped = running.stop('SIGINT');
    expect(await response.text()).toBe('aaaaabbbbbccccc');
    expect(await stopped).toMatchObject({ code: 0, signal: null });
  });

  it('ends by the signal that ended the command', async () => {
    const running = (await appFolder(await slowApp())).up([], onOldNode);
    await running.serving();
    process.kill(await childOf(running), 'SIGKILL');
    expect(await running.finished).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it('says what to do when npm has not brought the pinned Node', async () => {
    const { path, run } = await appFolder({});
    const bin = join(path, 'spindle.js');
    for (const file of ['spindle.js', 'launch.js', 'bundle.js']) {
      await copyFile(join(BIN, '..', file), join(path, file));
    }
    const { code, stderr } = await run(['--version'], { ...onOldNode, bin });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: Spindle needs Node 26, and this is v20\.20\.2\.\nInstall it, or run "npm ci"/);
  });
});

it('stops when npx, which passes no signal on, has gone', async () => {
  // A shell of its own in between, as npx has; killed, it leaves the command without a parent.
  const shell = spawn('sh', ['-c', `"${process.execPath}" "${BIN}" up --listen 127.0.0.1:0 --state-dir "" & wait`], {
    cwd: join(import.meta.dirname, '../../examples/hello'),
    env: { ...process.env, npm_command: 'exec' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  shell.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const closed = new Promise((done) => shell.stdout.once('close', done));
  while (!printed.includes('Available Routes')) {
    await new Promise((done) => shell.stdout.once('data', done));
  }
  shell.kill('SIGKILL');
  // The pipe closes only when the last process that holds it has ended; otherwise this waits in vain.
  await closed;
  expect(shell.stdout.readableEnded).toBe(true);
});
