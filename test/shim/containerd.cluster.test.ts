// The shim under a real containerd and the node's OCI runtime, with containerd's own client.
import { create } from '@bufbuild/protobuf';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesOf } from '../../hack/cluster/addresses.ts';
import { writeImageArchive } from '../../hack/cluster/oci-archive.ts';
import { CreateTaskRequestSchema, CreateTaskResponseSchema } from '../../shim/src/generated/task_pb.ts';
import { CODE, createTtrpcClient } from '../../shim/src/ttrpc/index.ts';
import { NAMESPACE, RUNTIME, SHELL_IMAGE } from './testing/node.ts';
import { copyPrograms } from './testing/programs.ts';
import { type ShimNode, startShimNode } from './testing/suite.ts';

const HELLO = resolve(import.meta.dirname, '../../examples/hello');
const APP_IMAGE = 'localhost/hello:1';
const FULL_IMAGE = 'localhost/hello-full:1';
const NOTHING = { processes: 0, mounts: 0, cgroups: 0, bundles: 0, states: 0 };

/** Containers that come and go in the test for leaks; the thousand of the issue by hand. */
const CYCLES = Number(process.env['SPINDLE_SHIM_CYCLES'] ?? 12);
const AT_ONCE = 4;

let node: ShimNode;

beforeAll(async () => {
  node = await startShimNode();
  const folder = await mkdtemp(join(tmpdir(), 'app-image-'));
  const rootfs = join(folder, 'rootfs');
  for (const path of ['spin.toml', 'wasm']) {
    await cp(join(HELLO, path), join(rootfs, path), { recursive: true });
  }
  await writeImageArchive(join(folder, 'app.tar'), APP_IMAGE, rootfs, { Entrypoint: ['/'] });
  await copyPrograms(rootfs);
  await writeImageArchive(join(folder, 'full.tar'), FULL_IMAGE, rootfs, { Entrypoint: ['/'] });
  for (const archive of ['app.tar', 'full.tar']) {
    await node.loadImage(join(folder, archive));
  }
  await rm(folder, { recursive: true });
});

afterAll(() => node.stop());

const run = (id: string, script: string): Promise<string> =>
  node.ctr('run', '--rm', '--runtime', RUNTIME, SHELL_IMAGE, id, '/bin/sh', '-c', script);
const begin = (id: string, script: string): Promise<string> =>
  node.ctr('run', '-d', '--runtime', RUNTIME, SHELL_IMAGE, id, '/bin/sh', '-c', script);
const statusOf = async (id: string): Promise<string | undefined> =>
  new RegExp(`^${id}\\s+\\d+\\s+(\\S+)`, 'm').exec(await node.ctr('task', 'ls'))?.[1];
async function end(id: string): Promise<void> {
  await node.ctr('task', 'kill', '-s', 'SIGKILL', id).catch(() => '');
  await expect.poll(() => statusOf(id)).toBe('STOPPED');
  await node.ctr('task', 'rm', id).catch(() => '');
  await node.ctr('container', 'rm', id);
}
const server = async (): Promise<number> => Number(await node.run('pgrep', '-f', '-o', 'shim/dist/main.cjs .*-socket'));

describe('containers', () => {
  it('run to their end, with their output and their status', async () => {
    expect(await run('output', 'echo out; echo $HOSTNAME >/dev/null')).toBe('out\n');
    await expect(run('status', 'exit 3')).rejects.toMatchObject({ code: 3 });
    const killed = run('killed', 'sleep 1000');
    killed.catch(() => {});
    await expect.poll(() => statusOf('killed')).toBe('RUNNING');
    await node.ctr('task', 'kill', '-s', 'SIGKILL', 'killed');
    await expect(killed).rejects.toMatchObject({ code: 137 });
  });

  it('all have one server', async () => {
    await begin('one', 'sleep 1000');
    await begin('two', 'sleep 1000');
    expect((await node.run('pgrep', '-f', '-c', 'shim/dist/main.cjs .*-socket')).trim()).toBe('1');
    await Promise.all(['one', 'two'].map(end));
  });

  it('are looked into, changed, paused and added to', async () => {
    await begin('busy', 'trap "exit 5" TERM; while :; do sleep 0.1; done');
    expect(await node.ctr('task', 'metrics', 'busy')).toMatch(/memory\.usage_in_bytes +[1-9]|memory\.usage +[1-9]/);
    expect(await node.ctr('task', 'ps', 'busy')).toMatch(/\d+/);
    expect(await node.ctr('task', 'exec', '--exec-id', 'more', 'busy', '/bin/echo', 'added')).toBe('added\n');
    await expect(
      node.ctr('task', 'exec', '--exec-id', 'failing', 'busy', '/bin/sh', '-c', 'exit 4'),
    ).rejects.toMatchObject({ code: 4 });
    await expect(node.ctr('task', 'exec', '--exec-id', 'none', 'busy', '/bin/none')).rejects.toThrow(/none/);
    await node.ctr('task', 'pause', 'busy');
    expect(await statusOf('busy')).toBe('PAUSED');
    await node.ctr('task', 'resume', 'busy');
    await node.ctr('task', 'kill', '-s', 'SIGTERM', 'busy');
    await expect.poll(() => statusOf('busy')).toBe('STOPPED');
    await node.ctr('task', 'rm', 'busy');
    await node.ctr('container', 'rm', 'busy');
  });

  it('tell of the kernel ending them for memory', async () => {
    const events = node.ctrFor(10, 'events');
    // Whoever listens is not known to anyone: it has a second to begin.
    await sleep(1000);
    const limited = ['run', '--rm', '--memory-limit', '20000000', '--runtime', RUNTIME, SHELL_IMAGE];
    const greedy = node.ctr(...limited, 'greedy', '/bin/sh', '-c', 'x=0123456789; while :; do x=$x$x; done');
    await expect(greedy).rejects.toMatchObject({ code: 137 });
    const topics = [...(await events).matchAll(/(\/tasks\/\S+) .*greedy/g)].map(([, topic]) => topic);
    expect(topics).toEqual(['/tasks/create', '/tasks/start', '/tasks/oom', '/tasks/exit', '/tasks/delete']);
  });

  it('live on when containerd is killed, and are found again', async () => {
    await begin('lasting', 'sleep 1000');
    const before = await server();
    await node.restartContainerd();
    expect(await statusOf('lasting')).toBe('RUNNING');
    expect(await server()).toBe(before);
    await end('lasting');
  });

  it('leave nothing when the server is killed', async () => {
    await begin('orphan', 'sleep 1000');
    await node.run('kill', '-9', String(await server()));
    await expect.poll(async () => (await node.leftovers()).processes).toBe(0);
    await node.ctr('task', 'rm', '-f', 'orphan').catch(() => '');
    await node.ctr('container', 'rm', 'orphan');
    // The next one has a server again.
    expect(await run('next', 'echo again')).toBe('again\n');
    expect(await node.leftovers()).toEqual(NOTHING);
  });

  it(`leave nothing, ${CYCLES} of them, ${AT_ONCE} at once`, { timeout: 3_600_000 }, async () => {
    const ids = Array.from({ length: CYCLES }, (_, index) => `cycle-${index}`);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
          expect(await run(id, 'echo done')).toBe('done\n');
        }
      }),
    );
    const left = await node.leftovers();
    console.log(`after ${CYCLES} containers:`, JSON.stringify(left));
    expect(left).toEqual(NOTHING);
  });
});

const url = (): string => `http://${addressesOf(node.machine.number).node}:80`;

const answer = async (path: string): Promise<string> => {
  try {
    return await (await fetch(url() + path)).text();
  } catch (error) {
    // expected: it has just been started.
    return String(error);
  }
};

describe('a Spin application in an ordinary image', () => {
  it('is served from an image with programs and a C library too, with stores in files', async () => {
    await node.ctr('run', '-d', '--net-host', '--runtime', RUNTIME, FULL_IMAGE, 'full');
    await expect.poll(() => answer('/')).toContain('Hello from Rust');
    const [first, second] = [await answer('/counter'), await answer('/counter')];
    expect(second).toBe(first.replace('1', '2'));
    await end('full');
  });

  it('is served, refuses further processes, and ends in peace', async () => {
    await node.ctr('run', '-d', '--net-host', '--env', 'GREETING=Salut', '--runtime', RUNTIME, APP_IMAGE, 'app');
    await expect.poll(() => answer('/')).toContain('Salut from Rust');
    expect(await answer('/js/Ada')).toContain('Ada');
    await expect(node.ctr('task', 'exec', '--exec-id', 'x', 'app', '/bin/sh')).rejects.toThrow(/exec is not supported/);
    await node.ctr('task', 'kill', '-s', 'SIGTERM', 'app');
    await expect.poll(() => statusOf('app')).toBe('STOPPED');
    await node.ctr('task', 'rm', 'app');
    await node.ctr('container', 'rm', 'app');
    expect(await node.leftovers()).toEqual(NOTHING);
  });

  it('says why it does not start', async () => {
    const wrong = ['run', '--rm', '--net-host', '--env', 'SPIN_COMPONENTS_TO_RETAIN=nobody', '--runtime', RUNTIME];
    const failing = node.ctr(...wrong, APP_IMAGE, 'wrong');
    await expect(failing).rejects.toMatchObject({ stderr: expect.stringContaining('nobody') });
  });
});

describe('wrong calls', () => {
  it('are answered with a status, and leave nothing', async () => {
    await begin('other', 'sleep 1000');
    const bundle = `/run/containerd/io.containerd.runtime.v2.task/${NAMESPACE}/other`;
    const address = await node.run('cat', `${bundle}/address`);
    const client = createTtrpcClient(`/proc/${node.machine.firstProcess}/root${address.replace('unix://', '')}`);
    const ask = (request: Partial<Parameters<typeof create<typeof CreateTaskRequestSchema>>[1]>): Promise<unknown> =>
      client.call(
        {
          service: 'containerd.task.v2.Task',
          name: 'Create',
          input: CreateTaskRequestSchema,
          output: CreateTaskResponseSchema,
        },
        create(CreateTaskRequestSchema, request as Parameters<typeof create<typeof CreateTaskRequestSchema>>[1]),
        60_000,
      );
    await expect(ask({ id: 'none', bundle: '/nowhere' })).rejects.toMatchObject({ code: CODE.invalidArgument });
    await expect(ask({ id: 'other', bundle })).rejects.toMatchObject({ code: CODE.alreadyExists, message: 'other' });
    await expect(ask({ id: 'fifo', bundle, stdout: '/nowhere/out' })).rejects.toMatchObject({ code: CODE.notFound });
    await expect(ask({ id: 'tty', bundle, terminal: true })).rejects.toMatchObject({ code: CODE.unimplemented });
    await expect(
      ask({ id: 'options', bundle, options: { typeUrl: 'x.Y', value: new Uint8Array() } as never }),
    ).rejects.toMatchObject({ code: CODE.invalidArgument, message: 'Invalid options type x.Y' });
    client.close();
    expect(await statusOf('other')).toBe('RUNNING');
    await end('other');
    expect(await node.leftovers()).toEqual(NOTHING);
  });
});
