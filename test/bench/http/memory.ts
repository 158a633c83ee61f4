// What an idle server holds: alone, twenty times on one machine, after load, and per request that waits.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { memory, type MemoryFigures } from '../process-figures.ts';
import { spread } from '../stats.ts';
import type { BenchGuest } from './guests.ts';
import { load } from './load.ts';
import type { RunningServer, ServerKind } from './servers.ts';

/** How long a server gets to come to rest: its first garbage collections, and closing what a start needed. */
const SETTLE_MS = 3000;

export interface IdleMemory {
  readonly guest: string;
  readonly server: string;
  /** After one answer. */
  readonly idle: MemoryFigures;
  /** After a burst of load, at rest again. */
  readonly afterLoad: MemoryFigures;
}

export async function measureIdle(guest: BenchGuest, kind: ServerKind, restMs: number): Promise<IdleMemory> {
  const server = await kind.start(guest);
  try {
    await sleep(SETTLE_MS);
    const idle = memory(server.pid);
    await load({ url: server.url, body: guest.body }, 50, 2);
    await sleep(restMs);
    return { guest: guest.fixture, server: kind.name, idle, afterLoad: memory(server.pid) };
  } finally {
    await server.stop();
  }
}

/** Proportional size of each of `count` processes that run at the same time, in bytes: the median. */
export async function measureMany(guest: BenchGuest, kind: ServerKind, count: number): Promise<number> {
  const servers: RunningServer[] = [];
  try {
    while (servers.length < count) {
      servers.push(await kind.start(guest)); // one by one: a machine need not stand twenty starts at once
    }
    await sleep(SETTLE_MS);
    return spread(servers.map(({ pid }) => memory(pid).proportional)).median;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Rust, the size of hello: answers, then waits for as long as it is told. */
const ENDS: BenchGuest = { name: 'Rust that ends', fixture: 'rlate', path: '/?steps=0' };
/** An hour: longer than any measurement. */
const WAITS = '/?steps=1&ms=3600000';

/** Bytes that one more waiting request takes: the growth of anonymous memory between `few` and `many`, per request. */
export async function measureWaiting(kind: ServerKind, few: number, many: number): Promise<number> {
  const server = await kind.start(ENDS);
  const sockets: Socket[] = [];
  try {
    await holdUntil(server, sockets, few);
    await sleep(SETTLE_MS);
    const before = memory(server.pid).anonymous;
    await holdUntil(server, sockets, many);
    await sleep(SETTLE_MS);
    return (memory(server.pid).anonymous - before) / (many - few);
  } finally {
    for (const socket of sockets) {
      socket.destroy();
    }
    await server.stop();
  }
}

async function holdUntil(server: RunningServer, sockets: Socket[], count: number): Promise<void> {
  while (sockets.length < count) {
    sockets.push(await hold(server.port));
  }
}

/** A request whose guest waits: its answer is there, and it has not ended. */
function hold(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${WAITS} HTTP/1.1\r\nhost: bench\r\n\r\n`));
    let text = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`a request that should wait ended: ${text}`)));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('answered')) {
        resolve(socket);
      }
    });
  });
}
