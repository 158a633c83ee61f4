// What an MQTT broker can do to a guest, and to this process: brokers that send garbage, too much, too little, or go.
import type { Socket } from 'node:net';
import { AllowedHosts, parseAllowedHost } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { OutboundNetwork, parseNetworkConfig } from '../network/index.ts';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest, type FakeGuest } from '../testing/fake-guest.ts';
import { startHostile, type HostileServer } from '../testing/hostile-server.ts';
import { mqtt } from './index.ts';

const CONNECT = 0x10;
const CONNACK = Buffer.from([0x20, 2, 0, 0]);

interface Speaker extends AsyncDisposable {
  readonly fake: FakeGuest;
  readonly call: CallHost;
  readonly server: HostileServer;
  publish(qos: string): Promise<unknown>;
}

/** A guest with an open connection; `answer` gets what comes after CONNECT. */
async function speaker(answer: (socket: Socket) => void, greeting: Buffer = CONNACK): Promise<Speaker> {
  const server = await startHostile((socket) => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk[0] === CONNECT) {
        socket.write(greeting);
      } else {
        answer(socket);
      }
    });
  });
  const fake = fakeGuest();
  const rules = new Map([['c', new AllowedHosts([parseAllowedHost('mqtt://127.0.0.1:*')])]]);
  const network = new OutboundNetwork(parseNetworkConfig(undefined), rules);
  const state = await mqtt.open(mqtt.parse({}), fakeApp({ network }));
  const call = callHost(mqtt.bind(state, fake.component).get('fermyon:spin/mqtt@2.0.0'), fake.guest);
  const address = `mqtt://127.0.0.1:${server.port}?client_id=c`;
  const { val: connection } = call<{ val: Disposable }>('[static]connection.open', address, 'u', 's3cret', 0n);
  return {
    fake,
    call,
    server,
    publish: (qos) => call('[method]connection.publish', connection, 't', Buffer.from('x'), qos),
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]();
      await mqtt.close?.(state);
      await server[Symbol.asyncDispose]();
    },
  };
}

const failed = (val: unknown): object => ({ tag: 'err', val: { tag: 'connection-failed', val } });
const anyFailure = failed(expect.stringMatching(/^(I\/O|Mqtt state): /));

describe('an MQTT broker', () => {
  it.each([
    ['garbage', Buffer.from('garbage')],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a packet of 256 MiB', Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(1_000_000)])],
    ['a length that never ends', Buffer.from([0x20, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a message before anything else', Buffer.from([0x30, 4, 0, 1, 0x74, 0x78])],
  ])('that greets with %s is an error', async (_what, bytes) => {
    await using hostile = await speaker((socket) => socket.end(), bytes);
    setTimeout(() => hostile.fake.abort(), 2000).unref();
    expect(await hostile.publish('at-least-once')).toEqual(anyFailure);
  });

  it.each([
    [1, 'RefusedProtocolVersion'],
    [2, 'BadClientId'],
    [3, 'ServiceUnavailable'],
    [4, 'BadUserNamePassword'],
    [5, 'NotAuthorized'],
  ])('that refuses with code %i says %s', async (code, text) => {
    await using hostile = await speaker((socket) => socket.end(), Buffer.from([0x20, 2, 0, code]));
    expect(await hostile.publish('at-most-once')).toEqual(failed(`Connection refused, return code: \`${text}\``));
  });

  it('that hangs up before the acknowledgement is an error, and connected to again for the next message', async () => {
    let times = 0;
    await using hostile = await speaker((socket) => {
      times += 1;
      if (times === 1) {
        socket.destroy();
      } else {
        socket.write(Buffer.from([0x40, 2, 0, 1]));
      }
    });
    expect(await hostile.publish('at-least-once')).toEqual(anyFailure);
    expect(hostile.server.accepted).toBe(1);
    void hostile.publish('at-most-once');
    expect(await hostile.publish('at-most-once')).toEqual({ tag: 'ok', val: undefined });
    expect(hostile.server.accepted).toBe(2);
  });

  it.each([
    ['never', CONNACK],
    ['not even greets', Buffer.alloc(0)],
  ])('that %s answers is left when the call ends', async (_what, greeting) => {
    await using hostile = await speaker(() => {}, greeting);
    const publishing = hostile.publish('exactly-once');
    setTimeout(() => hostile.fake.abort(), 100);
    expect(await publishing).toEqual(failed(expect.any(String)));
  });

  it('that floods with acknowledgements nobody waits for is left', async () => {
    const flood = Buffer.alloc(4_000_000, Buffer.from([0x40, 2, 0xff, 0xff]));
    await using hostile = await speaker((socket) => socket.write(flood));
    setTimeout(() => hostile.fake.abort(), 2000).unref();
    expect(await hostile.publish('at-least-once')).toEqual(failed(expect.any(String)));
  });

  it('never sees a password in an error', async () => {
    await using hostile = await speaker((socket) => socket.destroy());
    expect(JSON.stringify(await hostile.publish('at-least-once'))).not.toContain('s3cret');
  });
});
