import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InputStream } from '../../io/streams.ts';
import { Peers } from '../testing/peers.ts';
import { answer, expectResponse, readStream, SendingGuest, writeAll } from '../testing/sending-guest.ts';
import type { IncomingBody } from '../types/incoming-body.ts';

const MEBIBYTE = 1_048_576;
const POST = { tag: 'post' } as const;

const peers = new Peers();
let guest: SendingGuest;

beforeEach(async () => {
  guest = await SendingGuest.open();
});

afterEach(async () => {
  await guest.close();
  await peers.close();
});

describe('back-pressure', () => {
  it('carries 1 MiB both ways at the pace of whoever reads', async () => {
    const peer = await peers.http((request, response) => {
      response.flushHeaders();
      request.pipe(response);
    });
    const { future, body, stream } = guest.beginWithBody({ authority: peer.authority, method: POST });
    const sent = Buffer.alloc(MEBIBYTE);
    for (let i = 0; i < sent.length; i += 4) {
      sent.writeUInt32LE(i, i);
    }
    const response = expectResponse(await answer(future));
    const incoming = response.consume().val as IncomingBody;
    const input = incoming.stream().val as InputStream;
    const written = writeAll(stream, sent).then((whole) => {
      stream[Symbol.dispose]();
      body.finish(undefined);
      return whole;
    });
    const [whole, { bytes }] = await Promise.all([written, readStream(input)]);
    expect(whole).toBe(true);
    expect(bytes.equals(sent)).toBe(true);
  });

  it('stops a guest that writes to a server that does not read', async () => {
    const peer = await peers.http((request) => request.pause());
    const { stream } = guest.beginWithBody({ authority: peer.authority, method: POST });
    // Far more than all the buffers on the way; each write of 1 MiB is taken whole or not at all.
    const most = 64;
    let taken = 0;
    while (taken < most) {
      const room = stream.checkWrite();
      if (room === 0) {
        if (await Promise.race([stream.wait().then(() => false), quiet()])) {
          break;
        }
        continue;
      }
      stream.write(Buffer.alloc(MEBIBYTE));
      taken += 1;
    }
    expect(taken).toBeLessThan(most);
    expect(taken).toBeGreaterThan(2);
  });

  it('does not take a body from the server that the guest does not read', async () => {
    let written = 0;
    const peer = await peers.http((_request, response) => {
      const more = (): void => {
        written += MEBIBYTE;
        if (response.write(Buffer.alloc(MEBIBYTE)) && written < 64 * MEBIBYTE) {
          more();
        }
      };
      response.on('drain', more);
      more();
    });
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    const before = await settled(() => written);
    expect(before).toBeLessThan(32 * MEBIBYTE);
    const stream = (response.consume().val as IncomingBody).stream().val as InputStream;
    let read = 0;
    while (read < before + MEBIBYTE) {
      await stream.wait();
      read += (stream.read(MEBIBYTE) as Uint8Array).length;
    }
    expect(await settled(() => written)).toBeGreaterThan(before);
  });
});

/** True after time in which a reading server would have made room. */
const quiet = (): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(true), 200));

/** A number once it has stopped changing. */
async function settled(value: () => number): Promise<number> {
  let last = -1;
  while (last !== value()) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return last;
}
