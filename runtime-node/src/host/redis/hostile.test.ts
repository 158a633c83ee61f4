// What a Redis server can do to a guest, and to this process: servers that send garbage, too much, too little, or go.
import type { Socket } from 'node:net';
import { parseAllowedHost, AllowedHosts } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { OutboundNetwork, parseNetworkConfig } from '../network/index.ts';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest, type FakeGuest } from '../testing/fake-guest.ts';
import { startHostile, type HostileServer } from '../testing/hostile-server.ts';
import { redis } from './index.ts';
import type { RedisState } from './state.ts';

const CLIENT = /SETINFO/;
const MAX_REPLY = 134_217_728;

interface Speaker extends AsyncDisposable {
  readonly fake: FakeGuest;
  readonly state: RedisState;
  readonly call: CallHost;
  readonly v1: CallHost;
  readonly server: HostileServer;
  readonly address: string;
}

/** A guest and the server that it may talk to; `answer` gets each command after the greeting, as text. */
async function speaker(
  answer: (socket: Socket, command: string) => void,
  greeting = '+OK\r\n',
  config = {},
): Promise<Speaker> {
  const server = await startHostile((socket) => {
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      const greeted = CLIENT.test(seen);
      seen = greeted ? '' : seen;
      if (greeted && greeting !== '') {
        socket.write(greeting);
      } else if (!greeted) {
        answer(socket, chunk.toString('latin1'));
      }
    });
  });
  const address = `redis://127.0.0.1:${server.port}`;
  const fake = fakeGuest();
  const rules = new Map([['c', new AllowedHosts(await hosts('redis://127.0.0.1:*'))]]);
  const network = new OutboundNetwork(parseNetworkConfig(undefined), rules);
  const state = await redis.open(redis.parse(config), fakeApp({ network }));
  const bound = redis.bind(state, fake.component);
  return {
    fake,
    state,
    server,
    address,
    call: callHost(bound.get('fermyon:spin/redis@2.0.0'), fake.guest),
    v1: callHost(bound.get('fermyon:spin/redis'), fake.guest),
    async [Symbol.asyncDispose]() {
      await redis.close?.(state);
      await server[Symbol.asyncDispose]();
    },
  };
}

const hosts = async (...entries: string[]) => entries.map(parseAllowedHost);

type Opened = { readonly tag: 'ok'; readonly val: Disposable };

const other = (val: unknown): object => ({ tag: 'err', val: { tag: 'other', val } });

describe('a Redis server', () => {
  it.each([
    ['garbage', 'garbage', 'parse error - ParseError: Parse error at 1\nUnexpected `97`\nUnexpected `103`\n'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', expect.stringContaining('parse error')],
    ['a string longer than fits', `$${MAX_REPLY}\r\n`, `query result exceeds limit of ${MAX_REPLY} bytes`],
    ['a list longer than fits', '*99999999999\r\n', `query result exceeds limit of ${MAX_REPLY} bytes`],
    ['two answers to one command', '$-1\r\n$-1\r\n', 'the server answers what nobody asked'],
  ])('that answers with %s is an error', async (_what, bytes, text) => {
    await using hostile = await speaker((socket) => socket.write(bytes));
    const { val: connection } = await hostile.call<Promise<Opened>>('[static]connection.open', hostile.address);
    const answers = [await hostile.call('[method]connection.get', connection, 'k')];
    answers.push(await hostile.call('[method]connection.get', connection, 'k'));
    expect(answers).toContainEqual(other(text));
    expect(answers[1]).toEqual(other(text));
    connection[Symbol.dispose]();
  });

  it('that greets with garbage is not opened', async () => {
    await using hostile = await speaker(() => {}, 'garbage\r\n');
    const text = 'parse error - ParseError: Parse error at 1\nUnexpected `97`\nUnexpected `103`\n';
    expect(await hostile.call('[static]connection.open', hostile.address)).toEqual(other(text));
    expect(await hostile.v1('get', hostile.address, 'k')).toEqual({ tag: 'err', val: 'error' });
  });

  it.each([
    ['before an answer', ''],
    ['amid an answer', '$10\r\nabc'],
  ])('that hangs up %s is an error', async (_when, bytes) => {
    await using hostile = await speaker((socket) => socket.end(bytes));
    const { val: connection } = await hostile.call<Promise<Opened>>('[static]connection.open', hostile.address);
    const lost = other('unexpected end of file');
    expect(await hostile.call('[method]connection.get', connection, 'k')).toEqual(lost);
    expect(await hostile.call('[method]connection.incr', connection, 'k')).toEqual(lost);
  });

  it('that says nothing at first is left when the call ends', async () => {
    await using hostile = await speaker(() => {}, '');
    const opening = hostile.call('[static]connection.open', hostile.address);
    hostile.fake.abort();
    expect(await opening).toEqual(other('the call was ended'));
  });

  it('that says nothing later is left when the call ends', async () => {
    await using hostile = await speaker(() => {});
    const { val: connection } = await hostile.call<Promise<Opened>>('[static]connection.open', hostile.address);
    const asking = hostile.call('[method]connection.get', connection, 'k');
    hostile.fake.abort();
    expect(await asking).toEqual(other('the connection was closed'));
    connection[Symbol.dispose]();
  });

  it('that answers by single bytes is understood', async () => {
    await using hostile = await speaker((socket) => {
      for (const byte of '$3\r\nabc\r\n') {
        socket.write(byte);
      }
    });
    const { val: connection } = await hostile.call<Promise<Opened>>('[static]connection.open', hostile.address);
    const answer = await hostile.call<Promise<{ val: Uint8Array }>>('[method]connection.get', connection, 'k');
    expect(Buffer.from(answer.val).toString()).toBe('abc');
  });

  it.each([
    ['publish', ['c', new Uint8Array(0)], '-ERR no\r\n', 'An error was signalled by the server - ResponseError: no'],
    ['get', ['k'], '*0\r\n', 'Response was of incompatible type - TypeError: a value expected'],
    ['incr', ['k'], '+OK\r\n', 'Response was of incompatible type - TypeError: a number expected'],
    ['del', [['k']], ':-1\r\n', 'Response was of incompatible type - TypeError: a number of 32 bits expected'],
    [
      'sadd',
      ['k', ['v']],
      ':4294967296\r\n',
      'Response was of incompatible type - TypeError: a number of 32 bits expected',
    ],
    ['srem', ['k', ['v']], '$-1\r\n', 'Response was of incompatible type - TypeError: a number expected'],
    ['smembers', ['k'], ':1\r\n', 'Response was of incompatible type - TypeError: a set expected'],
    [
      'smembers',
      ['k'],
      '*1\r\n$1\r\n\u00ff\r\n',
      'Response was of incompatible type - TypeError: a string of UTF-8 expected',
    ],
  ])('that answers %s with %j as %j is an error', async (name, args, reply, text) => {
    await using hostile = await speaker((socket) => socket.write(Buffer.from(reply, 'latin1')));
    const { val: connection } = await hostile.call<Promise<Opened>>('[static]connection.open', hostile.address);
    expect(await hostile.call(`[method]connection.${name}`, connection, ...args)).toEqual(other(text));
  });

  it('asked for ten thousand connections gets as many as are allowed, one after the other', async () => {
    const config = { outbound_redis: { max_connections: 4 } };
    await using hostile = await speaker((socket) => socket.write('$-1\r\n'), '+OK\r\n', config);
    const calls = Array.from({ length: 10_000 }, () => hostile.v1('get', hostile.address, 'k'));
    const answers = await Promise.all(calls);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ tag: 'ok' });
    expect(hostile.server.open).toBeLessThanOrEqual(4);
  });

  it('is not handed the commands of a later guest on a connection that has an answer to come', async () => {
    await using hostile = await speaker((socket, command) => socket.write(command.includes('first') ? '' : '$-1\r\n'));
    const { val: connection } = await hostile.call<Promise<Opened>>('[static]connection.open', hostile.address);
    const first = hostile.call('[method]connection.get', connection, 'first');
    connection[Symbol.dispose]();
    expect(await first).toEqual(other('the connection was closed'));
    expect(await hostile.v1('get', hostile.address, 'second')).toEqual({ tag: 'ok', val: new Uint8Array(0) });
    expect(hostile.server.accepted).toBe(2);
  });
});
