// Outbound MQTT against a real broker, called by a real guest (spin-contract.md §4.9).
import { connect, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMosquitto, type RunningMosquitto } from '../../../../hack/services/mosquitto.ts';
import { eventually } from '../../../../test/conformance/eventually.ts';
import { calls, runCases, scallsManifest, serveText } from '../../../../test/services/run-cases.ts';

let broker: RunningMosquitto;
let secret: RunningMosquitto;
let subscriber: MqttClient;
const received: { topic: string; text: string; qos: number }[] = [];

beforeAll(async () => {
  broker = await startMosquitto();
  secret = await startMosquitto({ user: { name: 'u', password: 'pass' } });
  subscriber = connect(broker.address, { clientId: 'subscriber' });
  subscriber.on('message', (topic, payload, { qos }) =>
    received.push({ topic, text: payload.toString('latin1'), qos }),
  );
  await subscriber.subscribeAsync('case/#', { qos: 2 });
});

afterAll(async () => {
  await subscriber?.endAsync(true);
  await broker?.stop();
  await secret?.stop();
});

const names = () => ({ MQTT: broker.address, MQTT_PORT: broker.port, MQTT_SECRET_PORT: secret.port });

describe('outbound MQTT', () => {
  runCases('mqtt', names);

  it('has the messages of both guests arrive as they sent them', async () => {
    await eventually(() => received.length === 14);
    // Messages of different qualities of service may overtake each other.
    const arrived = received.map(({ topic, text, qos }) => [topic, qos, text.slice(0, 20), text.length]);
    const sent = [
      ['case/a', 0, 'zero', 4],
      ['case/a', 1, 'one', 3],
      ['case/a', 2, 'two', 3],
      ['case/b', 2, '', 0],
      ['case/c', 1, '\u0000\u00ff', 2],
      ['case/d', 1, 'x'.repeat(20), 100_000],
      ['case/e', 1, 'after', 5],
    ];
    expect(arrived.toSorted((one, other) => (String(one) < String(other) ? -1 : 1))).toEqual(
      sent.flatMap((one) => [one, one]),
    );
  });
});

describe('a connection', () => {
  const manifest = scallsManifest('allowed_outbound_hosts = ["mqtt://127.0.0.1:*"]');

  it('of which the last message has no acknowledgement is sent whole before it ends', async () => {
    const served = await serveText(manifest, names());
    received.length = 0;
    await calls(served, `mqtt.open ${broker.address}?client_id=short - - 5\nmqtt.publish case/last 0 20000*y`);
    await eventually(() => received.some(({ topic }) => topic === 'case/last'));
    expect(received.at(-1)?.text).toBe('y'.repeat(20_000));
    await served.stop();
  });

  it('waits for a place when the app may have no more', async () => {
    const served = await serveText(manifest, names(), '[outbound_mqtt]\nmax_connections = 1\n');
    const one = (id: number) =>
      calls(served, `mqtt.open ${broker.address}?client_id=c${id} - - 5\nmqtt.publish limited 1 x`);
    expect(await Promise.all([1, 2, 3, 4].map(one))).toEqual(Array.from({ length: 4 }, () => ['()', '()']));
    await served.stop();
  });

  it('finds the broker again after it was away', async () => {
    const passing = await startMosquitto();
    const served = await serveText(manifest, names());
    const lines = `mqtt.open ${passing.address}?client_id=p - - 5\nmqtt.publish t 1 x`;
    expect(await calls(served, lines)).toEqual(['()', '()']);
    await passing.stop();
    expect(await calls(served, lines)).toEqual([
      '()',
      expect.stringContaining('error Error::ConnectionFailed("I/O: Conn'),
    ]);
    const again = await startMosquitto({ port: passing.port });
    expect(await calls(served, lines)).toEqual(['()', '()']);
    await again.stop();
    await served.stop();
  });
});
