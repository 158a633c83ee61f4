// The Redis trigger against a real server, with real guests (spin-contract.md §6.1).
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RunningRedis } from '../../hack/services/redis.ts';
import type { RunningSpindle } from '../../cli/src/testing/run-spindle.ts';
import { triggerApp } from './manifest.ts';

let redis: RunningRedis;

beforeAll(async () => {
  redis = await startRedis({ password: 'p@ss word' });
});

afterAll(() => redis?.stop());

/** A command as Redis takes it. */
const encodeCommand = (parts: readonly string[]): string =>
  `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;

/** What the server answers. */
function command(server: RunningRedis, ...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    const password = decodeURIComponent(URL.parse(server.address)?.password ?? '');
    socket.write(encodeCommand(['AUTH', password]) + encodeCommand(parts) + encodeCommand(['QUIT']));
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('close', () => resolve(text.replace(/^\+OK\r\n/, '').replace(/\+OK\r\n$/, '')));
    socket.on('error', reject);
  });
}

/** Until so many subscribe: the app has told of its channels before the server has taken them. */
async function publish(server: RunningRedis, channel: string, message: string, receivers = 1): Promise<void> {
  while ((await command(server, 'PUBSUB', 'NUMSUB', channel)).split('\r\n').at(-2) !== `:${receivers}`) {
    await delay(50);
  }
  await command(server, 'PUBLISH', channel, message);
}

const app = (): ReturnType<typeof triggerApp> =>
  triggerApp(
    `[variables]
channel = { default = "named" }
[application.trigger.redis]
address = "${redis.address}"
[[trigger.redis]]
channel = "both"
component = "one"
[[trigger.redis]]
channel = "both"
component = "two"
[[trigger.redis]]
channel = "{{ channel }}"
component = "two"
[[trigger.http]]
route = "/..."
component = "web"`,
    { one: 'sredis', two: 'sredis', web: 'rhello' },
  );

const stderrHas = (running: RunningSpindle, pattern: RegExp): Promise<RegExpExecArray> =>
  running.printed(pattern, 'stderr');

describe('an app with Redis and HTTP triggers', () => {
  it('says what it hears of, without the password, and takes each message once by each component', async () => {
    const folder = await app();
    const running = folder.up(['--threads', '2']);
    await running.printed(/named: \[two\]/);
    expect(running.stdout).toContain(
      `Active Channels on redis://:***@127.0.0.1:${redis.port}:\n` +
        `\tredis://:***@127.0.0.1:${redis.port}/both: [one,two]\n` +
        `\tredis://:***@127.0.0.1:${redis.port}/named: [two]\n`,
    );
    await publish(redis, 'both', 'first');
    await publish(redis, 'named', 'second');
    await publish(redis, 'named', 'last');
    await stderrHas(running, /message last/);
    expect(running.stderr.match(/message \w+/g)?.toSorted()).toEqual([
      'message first',
      'message first',
      'message last',
      'message second',
    ]);
    expect(await running.get('/')).toBe('Hello from Rust!\n');
    expect((await running.stop()).code).toBe(0);
  });

  it('logs what a guest fails with and goes on; what fails is counted', async () => {
    const folder = await app();
    const running = folder.up(['--metrics-listen', '127.0.0.1:0']);
    const [, metrics = ''] = await stderrHas(running, /metrics at (\S+)/);
    await publish(redis, 'named', 'fail');
    await publish(redis, 'named', 'panic');
    await publish(redis, 'named', 'well');
    await stderrHas(running, /message well/);
    expect(running.stderr).toContain('Error handling message, component two: the handler returned an error: error\n');
    expect(running.stderr).toContain('Error handling message, component two: unreachable\n');
    const read = async (): Promise<string> => (await fetch(metrics)).text();
    while (!(await read()).includes('outcome="handled"')) {
      await delay(50);
    }
    const text = await read();
    expect(text).toContain('spindle_messages_total{component="two",trigger="redis",outcome="failed"} 2');
    expect(text).toContain('spindle_messages_total{component="two",trigger="redis",outcome="handled"} 1');
  });

  it('calls core modules of Spin 1, which may fail too', async () => {
    const folder = await triggerApp(
      `[[trigger.redis]]\nchannel = "c"\naddress = "${redis.address}"\ncomponent = "old"`,
      {
        old: 'spin1-redis-module',
      },
    );
    const running = folder.up();
    await publish(redis, 'c', 'first');
    await publish(redis, 'c', '!second');
    await publish(redis, 'c', 'third');
    await stderrHas(running, /third; before !second/);
    expect(running.stderr).toContain('first; before \n');
    expect(running.stderr).toContain('!second; before first\n');
    expect(
      running.stderr.match(/Error handling message, component old: the handler returned an error: error\n/g),
    ).toHaveLength(1);
    expect((await running.stop()).code).toBe(0);
  });

  it('connects again when the server has gone and come back', async () => {
    const own = await startRedis();
    const folder = await triggerApp(`[[trigger.redis]]\nchannel = "c"\naddress = "${own.address}"\ncomponent = "one"`, {
      one: 'sredis',
    });
    const running = folder.up();
    await publish(own, 'c', 'before');
    await stderrHas(running, /message before/);
    await own.stop();
    await stderrHas(running, /disconnected from redis:\/\/127\.0\.0\.1:\d+, trying again in [\d.]+ s: /);
    const again = await startRedis({ port: own.port });
    await publish(again, 'c', 'after');
    await stderrHas(running, /message after/);
    expect((await running.stop()).code).toBe(0);
    await again.stop();
  });

  it('is told by the server that the password is wrong, and does not show it', async () => {
    const address = `redis://:wrong-secret@127.0.0.1:${redis.port}`;
    const folder = await triggerApp(`[[trigger.redis]]\nchannel = "c"\naddress = "${address}"\ncomponent = "one"`, {
      one: 'sredis',
    });
    const running = folder.up();
    await stderrHas(running, /Password authentication failed/);
    expect(running.stdout + running.stderr).not.toContain('wrong-secret');
  });
});
