// How connections to Redis servers are kept, handed on and given up.
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { OutboundNetwork, parseNetworkConfig } from '../network/index.ts';
import { startHostile, type HostileServer } from '../testing/hostile-server.ts';
import { RedisConnections } from './connections.ts';
import { parseRedisUrl, type RedisTarget } from './target.ts';

const never = new AbortController().signal;

/** Answers every command with OK, except where the test says otherwise. */
const startServer = (answer: (socket: Socket, number: number) => void = (socket) => socket.write('+OK\r\n')) =>
  startHostile((socket, number) => socket.on('data', () => answer(socket, number)));

function targetAt({ port }: HostileServer, path = ''): RedisTarget {
  const target = parseRedisUrl(`redis://127.0.0.1:${port}${path}`);
  if (target === undefined) {
    throw new Error('no address');
  }
  return target;
}

function connectionsOf(max?: number): RedisConnections {
  const network = new OutboundNetwork(parseNetworkConfig(undefined), new Map());
  return new RedisConnections(network, network.limitOf(max, 'redis'));
}

describe('a connection that is given back', () => {
  it('is handed on to who wants the very same', async () => {
    await using server = await startServer();
    const connections = connectionsOf();
    const first = await connections.lease(targetAt(server), never);
    first.release(true);
    const second = await connections.lease(targetAt(server), never);
    expect(second.connection).toBe(first.connection);
    const third = await connections.lease(targetAt(server), never);
    expect(third.connection).not.toBe(first.connection);
    expect(server.accepted).toBe(2);
    connections.close();
  });

  it('counts once, however often it is given back', async () => {
    await using server = await startServer();
    const connections = connectionsOf();
    const lease = await connections.lease(targetAt(server), never);
    lease.release(true);
    const next = await connections.lease(targetAt(server), never);
    lease.release(true);
    const other = await connections.lease(targetAt(server), never);
    expect(other.connection).not.toBe(next.connection);
    connections.close();
  });

  it('is closed when it is not as it was made, or has an answer to come', async () => {
    await using server = await startServer((socket, number) => number === 1 || socket.write('+OK\r\n'));
    const connections = connectionsOf();
    const dirty = await connections.lease(targetAt(server), never);
    dirty.release(false);
    expect(dirty.connection.usable).toBe(false);
    connections.close();
  });

  it('is not handed on when its server has closed it', async () => {
    const sockets: Socket[] = [];
    await using server = await startHostile((socket) => {
      sockets.push(socket);
      socket.on('data', () => socket.write('+OK\r\n'));
    });
    const connections = connectionsOf();
    const first = await connections.lease(targetAt(server), never);
    first.release(true);
    const closed = first.connection.send('PING').catch(() => 'lost');
    sockets[0]?.destroy();
    await closed;
    const second = await connections.lease(targetAt(server), never);
    expect(second.connection).not.toBe(first.connection);
    expect(await second.connection.send('PING')).toBe('OK');
    connections.close();
  });
});

describe('the limit of connections', () => {
  it('lets one that nobody uses make room for another server', async () => {
    await using one = await startServer();
    await using other = await startServer();
    const connections = connectionsOf(1);
    const first = await connections.lease(targetAt(one), never);
    first.release(true);
    const second = await connections.lease(targetAt(other), never);
    expect(first.connection.usable).toBe(false);
    second.release(true);
    connections.close();
  });

  it('serves who waits when a connection is given back', async () => {
    await using one = await startServer();
    await using other = await startServer();
    const connections = connectionsOf(1);
    const first = await connections.lease(targetAt(one), never);
    const waiting = connections.lease(targetAt(other), never);
    // The one who waits has asked by now.
    await new Promise(setImmediate);
    first.release(true);
    expect(await (await waiting).connection.send('PING')).toBe('OK');
    connections.close();
  });

  it('is free again after a server that cannot be reached', async () => {
    const gone = await startServer();
    const target = targetAt(gone);
    await gone[Symbol.asyncDispose]();
    await using server = await startServer();
    const connections = connectionsOf(1);
    await expect(connections.lease(target, never)).rejects.toThrow('ECONNREFUSED');
    const lease = await connections.lease(targetAt(server), never);
    expect(lease.connection.usable).toBe(true);
    connections.close();
    expect(lease.connection.usable).toBe(false);
  });
});
