// What a driver gets of a socket, and what becomes of the connection when something is wrong.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startHostile, type HostileServer } from '../testing/hostile-server.ts';
import { GuardedSocket, type Guard } from './guarded-socket.ts';

const EVERYTHING: Guard = { inspect: (chunk) => [chunk] };

async function guarded({ port }: HostileServer, guard = EVERYTHING): Promise<GuardedSocket> {
  const socket: Socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return new GuardedSocket(socket, guard);
}

const greeting = (text: string) => startHostile((socket) => socket.write(text));

describe('a guarded socket', () => {
  it('gives the driver what the guard leaves of the bytes', async () => {
    await using server = await greeting('a secret');
    const socket = await guarded(server, { inspect: (chunk) => [chunk.subarray(0, 1), chunk.subarray(2, 5)] });
    let seen = '';
    socket.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await expect.poll(() => seen).toBe('asec');
    socket.destroy();
  });

  it('ends with what the guard throws, and its socket with it', async () => {
    await using server = await greeting('too much');
    const socket = await guarded(server, {
      inspect() {
        throw new Error('too much');
      },
    });
    socket.on('data', () => {});
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toBe('too much');
    await expect.poll(() => server.open).toBe(0);
  });

  it('ends with what the driver throws while it reads, which nobody else could catch', async () => {
    await using server = await greeting('nonsense');
    const socket = await guarded(server);
    socket.on('data', () => {
      throw new RangeError('not within the packet');
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error).toBeInstanceOf(RangeError);
    await expect.poll(() => server.open).toBe(0);
  });

  it('also when the bytes had to wait for the driver', async () => {
    await using server = await greeting('nonsense');
    const socket = await guarded(server);
    await expect.poll(() => socket.readableLength).toBe(8);
    const failed = once(socket, 'error');
    socket.on('data', () => {
      throw new RangeError('not within the packet');
    });
    expect((await failed)[0]).toBeInstanceOf(RangeError);
  });

  it('sends what was corked as one, and tells the guard before', async () => {
    const received: string[] = [];
    await using server = await startHostile((socket) => socket.on('data', (chunk) => received.push(chunk.toString())));
    const sending: string[] = [];
    const socket = await guarded(server, { ...EVERYTHING, sending: (chunk) => sending.push(chunk.toString()) });
    socket.cork();
    for (const part of ['parse ', 'bind ', 'execute']) {
      socket.write(part);
    }
    socket.uncork();
    await expect.poll(() => received.join('')).toBe('parse bind execute');
    expect(sending).toEqual(['parse bind execute']);
    socket.destroy();
  });

  it('does not read on while the driver is paused', async () => {
    const size = 50_000_000;
    await using server = await startHostile((socket) => socket.write(Buffer.alloc(size)));
    const socket = await guarded(server);
    let taken = 0;
    socket.on('data', (chunk: Buffer) => (taken += chunk.length)).pause();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(socket.readableLength).toBeLessThan(1_000_000);
    expect(taken).toBe(0);
    socket.resume();
    await expect.poll(() => taken).toBe(size);
    socket.destroy();
  });
});
