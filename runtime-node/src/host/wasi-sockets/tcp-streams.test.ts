import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { v4, valueOf } from './testing/socket-guest.ts';
import { echo, readAll, write, TcpEnds } from './testing/tcp-ends.ts';

const ok = (val?: unknown): object => ({ tag: 'ok', val });

const ends = new TcpEnds();
const open: TcpEnds['open'] = (setup) => ends.open(setup);
const listen: TcpEnds['listen'] = (onPeer, host) => ends.listen(onPeer, host);

afterEach(() => ends.close());

describe('an end', () => {
  it('by the peer is read after what it sent, and the other direction goes on', async () => {
    const server = await listen((peer) => peer.end('last words'));
    const guest = await open();
    const { input, output } = await guest.connect(v4(server.port));
    expect(await readAll(input)).toEqual({ text: 'last words', end: 'closed' });
    expect(input.read(1)).toEqual({ tag: 'closed' });
    const heard = new Promise<string>((resolve) => server.peers[0]?.once('data', (data) => resolve(`${data}`)));
    await write(output, Buffer.from('still here'));
    expect(await heard).toBe('still here');
  });

  it('by the guest reaches the peer after what was written, and the other direction goes on', async () => {
    let heard = '';
    const server = await listen((peer) => {
      peer.on('data', (data) => (heard += `${data}`));
      peer.on('end', () => peer.end(`heard ${heard.length}`));
    });
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    await write(output, Buffer.alloc(3_000_000, 'x'));
    expect(guest.tcp('shutdown', socket, 'send')).toEqual(ok());
    expect(await readAll(input)).toEqual({ text: 'heard 3000000', end: 'closed' });
    expect(output.ready()).toBe(true);
    expect(output.checkWrite()).toEqual({ tag: 'closed' });
    expect(output.flush()).toEqual({ tag: 'closed' });
    expect(guest.tcp('shutdown', socket, 'send')).toEqual(ok());
  });

  it('of reading alone leaves writing as it is', async () => {
    const server = await listen((peer) => peer.write('unwanted'));
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    await input.wait();
    expect(guest.tcp('shutdown', socket, 'receive')).toEqual(ok());
    expect(input.ready()).toBe(true);
    expect(input.read(100)).toEqual({ tag: 'closed' });
    const heard = new Promise<string>((resolve) => server.peers[0]?.once('data', (data) => resolve(`${data}`)));
    expect(await write(output, Buffer.from('more'))).toBeUndefined();
    expect(await heard).toBe('more');
  });

  it('of both is the end of the connection', async () => {
    const server = await listen();
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    const peer = await server.peer();
    const ended = new Promise((resolve) => peer.once('end', resolve).resume());
    expect(guest.tcp('shutdown', socket, 'both')).toEqual(ok());
    await ended;
    await output.wait();
    expect([input.read(1), output.checkWrite()]).toEqual([{ tag: 'closed' }, { tag: 'closed' }]);
  });

  it('by force is told once to each direction, after what had arrived', async () => {
    const server = await listen((peer) => peer.write('before'));
    const guest = await open();
    const { input, output } = await guest.connect(v4(server.port));
    expect(await readAll(input, 3)).toMatchObject({ text: 'before' });
    const peer = await server.peer();
    await new Promise((resolve) => peer.write('and after', resolve));
    peer.resetAndDestroy();
    const { text, end } = await readAll(input);
    expect(text).toBe('and after');
    expect(guest.call('network', 'network-error-code', end)).toBe('connection-reset');
    expect(input.read(1)).toEqual({ tag: 'closed' });
    expect(output.ready()).toBe(true);
    const told = output.checkWrite();
    expect(told).toMatchObject({ tag: 'last-operation-failed', val: { message: 'connection-reset' } });
    expect(output.checkWrite()).toEqual({ tag: 'closed' });
    expect(output.write(Buffer.from('x'))).toEqual({ tag: 'closed' });
  });

  it('by force leaves the guest what had arrived, though it had not looked', async () => {
    const server = await listen();
    const guest = await open();
    const { input, output } = await guest.connect(v4(server.port));
    const peer = await server.peer();
    await new Promise((resolve) => peer.write('unread', resolve));
    peer.resetAndDestroy();
    await vi.waitFor(() => expect(output.checkWrite()).not.toEqual(expect.any(Number)), { timeout: 20_000 });
    expect(await readAll(input)).toMatchObject({ text: 'unread', end: { code: 'connection-reset' } });
  });

  it('that comes before the guest has asked for the connection is found there', async () => {
    const server = await listen((peer) => peer.end('gone', () => peer.destroy()));
    const guest = await open();
    const socket = guest.newTcp();
    guest.startConnect(socket, v4(server.port));
    const peer = await server.peer();
    await new Promise((resolve) => (peer.closed ? resolve(undefined) : peer.once('close', resolve)));
    const [input] = valueOf(await guest.finishConnect(socket));
    expect(await readAll(input)).toEqual({ text: 'gone', end: 'closed' });
  });

  it('of an error that no socket made has no code', async () => {
    const guest = await open();
    expect(guest.call('network', 'network-error-code', { message: 'other' })).toBeUndefined();
  });
});

describe('back-pressure', () => {
  /** More than the buffers of two sockets and of the streams can hold (Linux: 6 MiB in, 4 MiB out). */
  const MUCH = 32 * 1024 * 1024;

  it('of a peer that does not read stops the guest, which then loses nothing', async () => {
    const server = await listen((peer) => peer.pause());
    const guest = await open();
    const { output } = await guest.connect(v4(server.port));
    const piece = Buffer.alloc(65_536, 'x');
    let written = 0;
    while (output.checkWrite() !== 0) {
      const room = output.checkWrite() as number;
      output.write(piece.subarray(0, room));
      written += room;
      // What the system takes at once makes room at once.
      expect(written).toBeLessThan(MUCH);
    }
    expect(output.ready()).toBe(false);
    const peer = await server.peer();
    let read = 0;
    peer.on('data', (data) => (read += data.length));
    peer.resume();
    await output.wait();
    expect(output.checkWrite()).toBeGreaterThan(0);
    output.flush();
    await output.wait();
    await vi.waitFor(() => expect(read).toBe(written), { timeout: 20_000 });
  });

  it('of a guest that does not read stops the peer, which then loses nothing', async () => {
    const server = await listen();
    const guest = await open();
    const { input } = await guest.connect(v4(server.port));
    const peer = await server.peer();
    let sent = 0;
    const piece = Buffer.alloc(65_536, 'y');
    const blocked = new Promise<void>((resolve) => {
      const push = (): void => {
        while (sent < MUCH) {
          sent += piece.length;
          if (!peer.write(piece)) {
            break;
          }
        }
        if (sent >= MUCH) {
          resolve();
        }
      };
      peer.on('drain', push);
      push();
      // Nothing drains any more: nobody reads.
      let seen = -1;
      const look = (): void => {
        if (sent === seen) {
          resolve();
        } else {
          seen = sent;
          setTimeout(look, 100);
        }
      };
      look();
    });
    await blocked;
    expect(sent).toBeLessThan(MUCH);
    peer.removeAllListeners('drain');
    peer.end();
    let read = 0;
    for (;;) {
      await input.wait();
      const got = input.read(1_000_000);
      if (!(got instanceof Uint8Array)) {
        break;
      }
      read += got.length;
    }
    expect(read).toBe(sent);
  });

  it('is not felt by a flush of what the system has taken', async () => {
    const server = await listen(echo);
    const guest = await open();
    const { output } = await guest.connect(v4(server.port));
    output.write(Buffer.from('small'));
    expect(output.flush()).toBeUndefined();
    expect(output.ready()).toBe(true);
    expect(output.checkWrite()).toBe(65_536);
  });

  it('gives what is read in pieces as small as they are asked for', async () => {
    const server = await listen((peer) => peer.end('abcdef'));
    const guest = await open();
    const { input } = await guest.connect(v4(server.port));
    await input.wait();
    const pieces = [1, 2, 0, 10].map((max) => Buffer.from(input.read(max) as Uint8Array).toString());
    expect(pieces).toEqual(['a', 'bc', '', 'def']);
  });
});

describe('what goes through a connection', () => {
  it('comes back the same, however it is cut into pieces', async () => {
    const server = await listen(echo);
    const guest = await open();
    const sizes = fc.array(fc.nat(150_000), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 500, max: 100_000 }), fc.boolean(), async (pieces, atMost, flushes) => {
        const { socket, input, output } = await guest.connect(v4(server.port));
        const all = Buffer.concat(pieces.map((size, n) => Buffer.alloc(size, n + 1)));
        const writing = (async () => {
          let start = 0;
          for (const size of pieces) {
            await write(output, all.subarray(start, start + size));
            start += size;
            if (flushes) {
              output.flush();
            }
          }
          guest.tcp('shutdown', socket, 'send');
        })();
        const back: Uint8Array[] = [];
        for (;;) {
          await input.wait();
          const got = input.read(atMost);
          if (!(got instanceof Uint8Array)) {
            break;
          }
          expect(got.length).toBeLessThanOrEqual(atMost);
          back.push(got);
        }
        await writing;
        expect(Buffer.concat(back).equals(all)).toBe(true);
        guest.drop(input, output, socket);
      }),
      { numRuns: 25 },
    );
  });
});
