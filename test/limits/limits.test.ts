// Guests that want more than they may have, on the real command: each is answered with 500, or 504 where time ran out,
// the log says which limit, and the process serves on.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { appFolder, manifest } from '../../cli/src/testing/app-folder.ts';
import type { RunningSpindle } from '../../cli/src/testing/run-spindle.ts';
import { ask } from '../conformance/client.ts';
import { eventually } from '../conformance/eventually.ts';
import { fixture } from '../guests/fixtures.ts';
import { handlerComponent } from './handler-component.ts';
import { residentMegabytes } from './resident.ts';

/** Serves a guest on all paths but `/alive`, where one answers that asks for nothing. */
async function serve(guest: string, args: readonly string[] = [], bytes?: Uint8Array): Promise<RunningSpindle> {
  const folder = await appFolder({
    'spin.toml': manifest({
      [guest]: { table: 'files = [{ source = "assets", destination = "/" }]' },
      rhello: { route: '/alive' },
    }),
    'assets/a.txt': 'a',
    [`${guest}.wasm`]: bytes ?? (await fixture(guest)),
    'rhello.wasm': await fixture('rhello'),
  });
  const running = folder.up(['--state-dir', '', ...args]);
  await running.serving();
  return running;
}

const isAlive = async (running: RunningSpindle): Promise<boolean> => (await get(running, '/alive')).status === 200;

async function get(running: RunningSpindle, path: string): Promise<{ status: number; body: string; headers: Headers }> {
  const response = await fetch(`${await running.serving()}${path}`);
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** The one line that the runtime printed of a failed request since the last look; waits for it. */
function reporter(running: RunningSpindle): () => Promise<string> {
  let seen = running.stderr.length;
  const lines = (): string[] =>
    running.stderr
      .slice(seen)
      .split('\n')
      .filter((line) => / component \w+: /.test(line));
  return async () => {
    await eventually(() => lines().length > 0 && running.stderr.endsWith('\n'));
    const [line = '', ...more] = lines();
    seen = running.stderr.length;
    expect(more).toEqual([]);
    return line;
  };
}

const GROW_TABLE =
  '(loop $more (br_if $more (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 1000000)))))';

const MEMORY = ['--max-instance-memory', '67108864'];

describe('a guest that takes all it can', () => {
  it.each([
    ['rgreedy', '/recurse', 'the stack limit was reached (Maximum call stack size exceeded)'],
    ['rgreedy', '/handles', '100000'],
    ['rgreedy', '/random', '18446744073709551615 random bytes were asked for, and one call gives at most 67108864'],
    ['rtrap', '/stack', 'memory access out of bounds'],
    ['rtrap', '/oom', 'the memory limit of 64 MiB was reached'],
    ['table', '/', 'unreachable'],
  ])('%s at %s is ended with a word on why, and the next request works', async (guest, path, reason) => {
    const table = await handlerComponent('(table $t 1 funcref)', `${GROW_TABLE} unreachable`);
    const running = await serve(guest, MEMORY, guest === 'table' ? table : undefined);
    const reported = reporter(running);
    for (const _ of [1, 2]) {
      expect((await get(running, path)).status).toBe(500);
      expect(await isAlive(running)).toBe(true);
      const line = await reported();
      expect(line).toContain(`Error processing request, component ${guest}: `);
      expect(line).toContain(reason);
    }
    expect(await running.stop()).toMatchObject({ code: 0 });
  });

  it('is told so where it can be told: files, memory', async () => {
    const running = await serve('rgreedy', MEMORY);
    const told = async (path: string): Promise<string> => (await get(running, path)).body.trim();
    for (const _ of [1, 2]) {
      expect(await told('/files?path=a.txt')).toBe('256, then insufficient-memory');
      expect(await told('/listings')).toBe('256, then insufficient-memory');
      expect(await told('/readers?path=a.txt')).toBe('256, then insufficient-memory');
      expect(await told('/memory')).toBe('1024 pages');
    }
    expect(await told('/timers?n=20000')).toBe('20000 polled, some ready: true');
  });
});

describe('a guest that takes too long', () => {
  it('while it waits is answered with 504, and others are answered meanwhile', async () => {
    const running = await serve('rnever', ['--request-timeout', '700ms']);
    const reported = reporter(running);
    const order: string[] = [];
    const hanging = get(running, '/hang').finally(() => order.push('hanging'));
    expect(await isAlive(running)).toBe(true);
    order.push('other');
    expect((await hanging).status).toBe(504);
    expect(order).toEqual(['other', 'hanging']);
    expect(await reported()).toBe(
      'Error processing request, component rnever: the request time limit of 700 ms was reached; --request-timeout raises it',
    );
    expect(await isAlive(running)).toBe(true);
  });
});

describe('a guest that computes without end', () => {
  const LIMIT_MS = 2000;

  it.each([
    ['--request-timeout', '/loop', 'the request time limit of 2 s was reached; --request-timeout raises it'],
    ['--request-timeout', '/after/loop', 'the request time limit of 2 s was reached; --request-timeout raises it'],
    ['--cpu-timeout', '/loop', 'the cpu time limit of 2 s was reached; --cpu-timeout raises it'],
  ])('is stopped by %s at %s, it alone, while another thread answers others', async (flag, path, reason) => {
    const running = await serve('rtrap', [flag, `${LIMIT_MS}ms`, '--threads', '2']);
    const reported = reporter(running);
    const port = Number(new URL(await running.serving()).port);
    const order: string[] = [];
    const begun = performance.now();
    const looping = ask(port, path).finally(() => order.push('looping'));
    // Until it loops: its thread takes no more connections then.
    await sleep(300);
    for (let count = 0; count < 5; count += 1) {
      expect(await ask(port, '/alive')).toMatchObject({ status: 200 });
      order.push('other');
    }
    expect(await looping).toMatchObject({ status: 504 });
    const took = performance.now() - begun;
    expect(order).toEqual(['other', 'other', 'other', 'other', 'other', 'looping']);
    // How long a thread takes to use up time on a processor is for the others on the machine to say.
    expect(flag === '--cpu-timeout' ? 0 : took).toBeLessThan(2 * LIMIT_MS);
    expect(await reported()).toBe(`Error processing request, component rtrap: ${reason}`);
    expect(await ask(port, '/ok')).toMatchObject({ body: 'ok\n' });
    expect(await running.stop()).toMatchObject({ code: 0 });
  });

  it('is ended by the backstop where no time was set: its thread is replaced, and the address stays', async () => {
    const running = await serve('rtrap', ['--stall-timeout', '1s', '--threads', '1']);
    const url = await running.serving();
    // Whether an answer still comes is not promised, only that the client does not wait for ever.
    await fetch(`${url}/loop`).then(
      ({ status }) => status,
      () => undefined,
    );
    await running.printed(/the thread stall limit of 1 s was reached; --stall-timeout raises it/, 'stderr');
    expect((await get(running, '/ok')).body).toBe('ok\n');
    expect(await isAlive(running)).toBe(true);
    expect(await running.stop()).toMatchObject({ code: 0 });
  });
});

describe('more requests than may be handled at once', () => {
  it('wait for their turn in order, and when too many wait get 503 and when to come again', async () => {
    const running = await serve('rchunks', [
      '--threads',
      '1',
      '--max-concurrent-requests',
      '1',
      '--max-queued-requests',
      '2',
    ]);
    const ended: string[] = [];
    const askBy = async (name: string): Promise<number> => {
      const { status } = await get(running, '/?before=300&count=1&size=10');
      ended.push(name);
      return status;
    };
    const asked = [];
    for (const name of ['first', 'second', 'third']) {
      asked.push(askBy(name));
      // So that they come in this order: each on a connection of its own.
      await sleep(30);
    }
    const refused = await get(running, '/?count=1&size=10');
    expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([503, '1', '']);
    expect(await Promise.all(asked)).toEqual([200, 200, 200]);
    expect(ended).toEqual(['first', 'second', 'third']);
    expect((await get(running, '/?count=1&size=3')).body).toBe('aaa');
  });
});

describe('output that nobody reads', () => {
  it('makes the guest wait and takes no memory; others are answered, and it ends with its client', async () => {
    const running = await serve('rchunks');
    const pid = running.child.pid ?? 0;
    expect((await get(running, '/?count=64&size=1048576')).body.length).toBe(64 << 20);
    const before = residentMegabytes(pid);
    const port = Number(new URL(await running.serving()).port);
    const clients = Array.from({ length: 4 }, () => {
      const client = connect(port, '127.0.0.1', () =>
        client.write('GET /?count=1024&size=1048576 HTTP/1.1\r\nhost: a\r\n\r\n'),
      );
      // One piece is taken, to see that the answer has begun.
      client.once('data', () => client.pause());
      return client;
    });
    await Promise.all(clients.map((client) => once(client, 'data')));
    for (let round = 0; round < 20; round += 1) {
      await sleep(50);
      // 4 GB would come if nobody waited; half a gigabyte a second goes through such a socket.
      expect(residentMegabytes(pid)).toBeLessThan(before + 150);
      expect(await isAlive(running)).toBe(true);
    }
    clients.forEach((client) => client.destroy());
    const { code, stderr } = await running.stop();
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  });
});
