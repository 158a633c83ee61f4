// The asynchronous interfaces of Spin 4 to servers, and the asynchronous export of the Redis trigger, by one real guest
// (spin-contract.md §4.6 to §4.9, §6.1).
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMariadb, type RunningMariadb } from '../../hack/services/mariadb.ts';
import { startMosquitto, type RunningMosquitto } from '../../hack/services/mosquitto.ts';
import { startPostgres, type RunningPostgres } from '../../hack/services/postgres.ts';
import { startRedis, type RunningRedis } from '../../hack/services/redis.ts';
import { ask } from './client.ts';
import { eventually } from './eventually.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

let servers: [RunningMariadb, RunningPostgres, RunningRedis, RunningMosquitto];
let served: ServedGuest;

beforeAll(async () => {
  servers = await Promise.all([startMariadb(), startPostgres(), startRedis(), startMosquitto()]);
  const redis = servers[2];
  served = await serveGuest('s4', {
    application:
      `[application.trigger.redis]\naddress = "${redis.address}"\n` +
      '[[trigger.redis]]\nchannel = "news"\ncomponent = "s4"',
    component: 'allowed_outbound_hosts = ["*://127.0.0.1:*"]',
  });
});

afterAll(async () => {
  await served?.stop();
  await Promise.all(servers?.map((server) => server.stop()) ?? []);
});

const answerOf = async (path: string, address: string): Promise<string | undefined> =>
  (await ask(served.port, `${path}?${address}`)).body;

describe('a guest of the asynchronous interfaces', () => {
  it('asks MySQL, twice at once on one connection', async () => {
    expect(await answerOf('/mysql', servers[0].address)).toBe('[500, 500] ["a", "b"] Some((Some(7), Some("b"))) true');
  });

  it('asks PostgreSQL, twice at once on one connection', async () => {
    expect(await answerOf('/pg', `${servers[1].address}?sslmode=disable`)).toBe(
      '[500, 500] 1 ["a", "b"] Some((Some(7), Some("b"))) true',
    );
  });

  it('asks Redis, ten times at once', async () => {
    expect(await answerOf('/redis', servers[2].address)).toBe('11 Some("one") 2 3 None');
  });

  it('publishes to an MQTT broker', async () => {
    expect(await answerOf('/mqtt', `${servers[3].address}?client_id=s4`)).toBe('published');
  });

  it.each([
    ['/mysql', 'mysql://10.1.1.1/x', 'is not permitted'],
    ['/pg', 'postgres://10.1.1.1/x', 'is not permitted'],
    ['/redis', 'redis://10.1.1.1', 'InvalidAddress'],
    ['/mqtt', 'mqtt://10.1.1.1?client_id=a', 'is not permitted'],
  ])('is told where it may not go: %s', async (path, address, told) => {
    expect(await answerOf(path, address)).toContain(told);
  });

  it('takes messages of the Redis trigger', async () => {
    const { port, address } = servers[2];
    const socket = connect(port, '127.0.0.1');
    let answers = '';
    socket.on('data', (bytes) => (answers += bytes.toString()));
    await eventually(() => {
      // Until it has subscribed, and then until it has counted.
      socket.write(`PUBLISH news ${address}\r\nGET heard\r\n`);
      return /\$\d+\r\n[1-9]/.test(answers);
    });
    socket.destroy();
    expect(served.errors).toEqual([]);
  });
});
