// The operator as a process whose log nobody reads any more: it ends all the same.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { mkdtemp, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const BIN = join(import.meta.dirname, '../../bin/spindle-operator.js');

let directory: string;
let kubeconfig: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-'));
  kubeconfig = join(directory, 'kubeconfig');
  const name = 'test';
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name, cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name, user: {} }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    }),
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** It begins, and ends at once because it cannot have that address. */
const args = (): string[] => [BIN, `--kubeconfig=${kubeconfig}`, '--health-probe-bind-address=192.0.2.1:1'];

it('says why it ends before it ends', async () => {
  const child = spawn(process.execPath, args(), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toContain('"msg":"starting"');
  expect(said).toContain('"msg":"operator not started"');
});

it('ends although its log has no reader any more', async () => {
  const child = spawn(process.execPath, args(), { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.destroy();
  expect(await once(child, 'close')).toEqual([1, null]);
});

it('ends although the reader of its log stands still', async () => {
  const fifo = join(directory, 'fifo');
  await promisify(execFile)('mkfifo', [fifo]);
  // Both ends of a pipe that is full, and from which nobody reads.
  const pipe = await open(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  await fill(pipe);
  const child = spawn(process.execPath, args(), { stdio: ['ignore', 'ignore', pipe.fd] });
  expect(await once(child, 'close')).toEqual([1, null]);
  await pipe.close();
});

async function fill(pipe: FileHandle): Promise<void> {
  const block = Buffer.alloc(4096, ' ');
  try {
    for (;;) {
      await pipe.write(block);
    }
  } catch {
    // expected: it takes no more.
  }
}
