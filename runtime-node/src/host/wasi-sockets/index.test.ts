import { describe, expect, it } from 'vitest';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { wasiSockets } from './index.ts';
import { socketsPerThread } from './rights.ts';

const app = fakeApp();
const state = await wasiSockets.open(undefined, app);
const bound = wasiSockets.bind(state, fakeGuest().component);

/** Interfaces of WASI 0.2: those of 0.3 are asynchronous in their types. */
const of02 = [...bound].filter(([name]) => name.includes('@0.2.'));

const functions = of02.flatMap(([name, { functions: own }]) =>
  Object.entries(own).map(([method, declared]) => ({ name: `${name.slice(13, -7)} ${method}`, declared })),
);

describe('the capability', () => {
  it('serves what it announces', () => {
    expect([...bound.keys()]).toEqual([...wasiSockets.interfaces]);
  });

  it('makes a guest wait in the two functions only that hear of the system a turn later', () => {
    const waits = functions.filter(({ declared }) => declared.waits).map(({ name }) => name);
    expect(waits).toEqual(['udp [method]udp-socket.stream', 'udp [method]outgoing-datagram-stream.send']);
  });

  it('lets a call be made again as long as nothing has been done to the network', () => {
    const repeatable = of02.filter(([, own]) => own.repeatable === true).map(([name]) => name.slice(13, -7));
    expect(repeatable).toEqual([
      'network',
      'instance-network',
      'ip-name-lookup',
      'tcp-create-socket',
      'udp-create-socket',
    ]);
  });
});

describe('the sockets of a thread', () => {
  it.each([
    [1_048_576, 2, 131_072],
    [1024, 4, 64],
    [100, 1, 64],
    [Infinity, 8, Infinity],
  ])('of a process with %s files and %s threads are %s', (files, threads, expected) => {
    expect(socketsPerThread(files, threads)).toBe(expected);
  });

  it('are counted among those of the app', () => {
    const place = state.limit.tryTake();
    expect([app.network.sockets.taken, app.network.connections.taken]).toEqual([1, 1]);
    place?.[Symbol.dispose]();
    expect(app.network.connections.taken).toBe(0);
  });
});
