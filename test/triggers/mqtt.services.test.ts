// The MQTT trigger against a real broker, with a real guest (spin-contract.md §6.2).
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMosquitto, type RunningMosquitto } from '../../hack/services/mosquitto.ts';
import type { RunningSpindle } from '../../cli/src/testing/run-spindle.ts';
import { triggerApp } from './manifest.ts';

let broker: RunningMosquitto;
let client: MqttClient;

beforeAll(async () => {
  broker = await startMosquitto({ user: { name: 'u', password: 's3cret' } });
  client = await connectAsync(broker.address, { username: 'u', password: 's3cret' });
});

afterAll(async () => {
  await client?.endAsync();
  await broker?.stop();
});

const app = (triggers: string, { address = broker.address, password = 's3cret' } = {}): ReturnType<typeof triggerApp> =>
  triggerApp(
    `[variables]
where = { default = "named" }
[application.trigger.mqtt]
address = "${address}"
username = "u"
password = "${password}"
keep_alive_interval = "2"
${triggers}`,
    { guest: 'rmqtt' },
  );

const trigger = (topic: string, qos: number): string =>
  `[[trigger.mqtt]]\ntopic = "${topic}"\nqos = "${qos}"\ncomponent = "guest"\n`;

/** Until it has arrived: the app has told of its topics before the broker has taken them. */
async function sendUntil(running: RunningSpindle, topic: string, text: string, by: MqttClient = client): Promise<void> {
  const shown = running.printed(new RegExp(`${topic}: ${text}`), 'stderr');
  const sending = setInterval(() => void by.publishAsync(topic, text), 100);
  try {
    await shown;
  } finally {
    clearInterval(sending);
  }
}

describe('an app with MQTT triggers', () => {
  it('takes each message of its topics once, whatever their quality of service', async () => {
    const folder = await app(trigger('one/+', 1) + trigger('{{ where }}', 2) + trigger('zero', 0));
    const running = folder.up();
    await running.printed(/Active Topics on mqtt:.*:\n\tone\/\+: \[guest\]\n\tnamed: \[guest\]\n\tzero: \[guest\]/);
    for (const topic of ['one/a', 'named', 'zero']) {
      await sendUntil(running, topic, 'begin');
    }
    await client.publishAsync('one/b', 'x1', { qos: 1 });
    await client.publishAsync('named', 'x2', { qos: 2 });
    await client.publishAsync('zero', 'x0', { qos: 0 });
    for (const text of ['one/b: x1', 'named: x2', 'zero: x0']) {
      await running.printed(new RegExp(text), 'stderr');
    }
    expect((await running.stop()).code).toBe(0);
    expect(running.stderr.match(/: x\d/g)?.toSorted()).toEqual([': x0', ': x1', ': x2']);
  });

  it('logs what a guest fails with and goes on', async () => {
    const folder = await app(trigger('f', 1));
    const running = folder.up();
    await sendUntil(running, 'f', 'begin');
    await client.publishAsync('f', 'fail', { qos: 1 });
    await client.publishAsync('f', 'panic', { qos: 1 });
    await client.publishAsync('f', 'well', { qos: 1 });
    await running.printed(/f: well/, 'stderr');
    expect(running.stderr).toContain('component guest: the handler returned an error: the guest was told to fail\n');
    expect(running.stderr).toContain('component guest: unreachable\n');
  });

  it('ends a guest that is over its time, and goes on', async () => {
    const folder = await app(trigger('l', 1));
    const running = folder.up(['--request-timeout', '300ms']);
    await sendUntil(running, 'l', 'begin');
    await client.publishAsync('l', 'slow', { qos: 1 });
    await running.printed(/Error handling message, component guest: .*request time/, 'stderr');
    await sendUntil(running, 'l', 'after');
    expect(running.stderr).not.toContain('l: slow\n');
  });

  it('finishes the message in hand before it stops, and leaves the next to the broker', async () => {
    const folder = await app(trigger('s', 1));
    const running = folder.up();
    await sendUntil(running, 's', 'begin');
    await client.publishAsync('s', 'slow', { qos: 1 });
    await client.publishAsync('s', 'next', { qos: 1 });
    await running.printed(/s: begins/, 'stderr');
    const { code, stderr } = await running.stop();
    expect(code).toBe(0);
    expect(stderr).toContain('s: slow\n');
    expect(stderr).not.toContain('s: next\n');
  });

  it('connects again when the broker has gone and come back', async () => {
    const own = await startMosquitto();
    const folder = await app(trigger('c', 1), { address: own.address });
    const running = folder.up();
    const before = await connectAsync(own.address);
    await sendUntil(running, 'c', 'before', before);
    await before.endAsync();
    await own.stop();
    await running.printed(/disconnected from mqtt:\/\/127\.0\.0\.1:\d+, trying again in/, 'stderr');
    const again = await startMosquitto({ port: own.port });
    const after = await connectAsync(again.address);
    await sendUntil(running, 'c', 'after', after);
    await after.endAsync();
    expect((await running.stop()).code).toBe(0);
    await again.stop();
  });

  it('says that the broker refuses it, without the password', async () => {
    const folder = await app(trigger('c', 1), { password: 'wrong-secret' });
    const running = folder.up();
    await running.printed(/disconnected from .*: Connection refused: Not authorized/, 'stderr');
    expect(running.stdout + running.stderr).not.toContain('wrong-secret');
  });
});
