// Redis and MQTT within TLS: the server's certificate is checked for the host that the guest named.
import { createSecureContext, type SecureContext } from 'node:tls';
import { AllowedHosts, parseAllowedHost } from '@spindle/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMosquitto, type RunningMosquitto } from '../../hack/services/mosquitto.ts';
import { startRedis, type RunningRedis } from '../../hack/services/redis.ts';
import { mqttInterface } from '../../runtime-node/src/host/mqtt/host.ts';
import { MqttState } from '../../runtime-node/src/host/mqtt/state.ts';
import { OutboundNetwork, parseNetworkConfig } from '../../runtime-node/src/host/network/index.ts';
import { RedisConnections } from '../../runtime-node/src/host/redis/connections.ts';
import { redisInterface } from '../../runtime-node/src/host/redis/host.ts';
import { RedisState } from '../../runtime-node/src/host/redis/state.ts';
import { callHost } from '../../runtime-node/src/host/testing/call-host.ts';
import { fakeGuest } from '../../runtime-node/src/host/testing/fake-guest.ts';
import { selfSigned } from '../certificates/self-signed.ts';

const { cert, key } = selfSigned();
const trusting = createSecureContext({ ca: [cert] });
const hosts = [
  'rediss://localhost:*',
  'rediss://127.0.0.1:*',
  'rediss://other.test:*',
  'mqtts://localhost:*',
  'mqtts://127.0.0.1:*',
];
const rules = new Map([['c', new AllowedHosts(hosts.map(parseAllowedHost))]]);
const network = new OutboundNetwork(parseNetworkConfig(undefined), rules, {
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
});
const { guest } = fakeGuest();

describe('Redis within TLS', () => {
  let server: RunningRedis;

  beforeAll(async () => {
    server = await startRedis({ tls: { certificate: cert, key } });
  });

  afterAll(() => server?.stop());

  async function opening(host: string, context?: SecureContext): Promise<unknown> {
    const connections = new RedisConnections(network, network.limitOf(undefined, 'redis'), context && (() => context));
    const call = callHost(redisInterface(new RedisState(network, connections)), guest);
    const opened = await call<Promise<{ tag: string; val: never }>>(
      '[static]connection.open',
      `rediss://${host}:${server.port}`,
    );
    const answer = opened.tag === 'ok' ? await call('[method]connection.incr', opened.val, 'n') : opened;
    connections.close();
    return answer;
  }

  it('serves whoever trusts its certificate, by name and by address', async () => {
    expect(await opening('localhost', trusting)).toEqual({ tag: 'ok', val: 1n });
    expect(await opening('127.0.0.1', trusting)).toEqual({ tag: 'ok', val: 2n });
  });

  it('is refused under another name, and by who does not trust it', async () => {
    expect(await opening('other.test', trusting)).toMatchObject({
      val: { tag: 'other', val: expect.stringContaining("does not match certificate's altnames") },
    });
    expect(await opening('localhost')).toMatchObject({
      val: { tag: 'other', val: expect.stringMatching(/self-signed/) },
    });
  });
});

describe('MQTT within TLS', () => {
  let server: RunningMosquitto;

  beforeAll(async () => {
    server = await startMosquitto({ tls: { certificate: cert, key } });
  });

  afterAll(() => server?.stop());

  async function publishing(context?: SecureContext): Promise<unknown> {
    const state = new MqttState(network, network.limitOf(undefined, 'mqtt'), undefined, context && (() => context));
    const call = callHost(mqttInterface(state), guest);
    const address = `mqtts://localhost:${server.port}?client_id=tls`;
    const { val } = call<{ val: never }>('[static]connection.open', address, '', '', 5n);
    const answer = await call('[method]connection.publish', val, 't', new Uint8Array(1), 'exactly-once');
    state.close();
    return answer;
  }

  it('serves whoever trusts its certificate', async () => {
    expect(await publishing(trusting)).toEqual({ tag: 'ok', val: undefined });
  });

  it('is refused by who does not', async () => {
    expect(await publishing()).toMatchObject({
      val: { tag: 'connection-failed', val: expect.stringMatching(/^TLS: .*self-signed/) },
    });
  });
});
