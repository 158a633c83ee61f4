import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, FrameReader, HEADER_BYTES, MAX_MESSAGE_BYTES } from './frames.ts';

const frame = fc.record({
  stream: fc.nat({ max: 2 ** 32 - 1 }),
  type: fc.nat({ max: 255 }),
  flags: fc.nat({ max: 255 }),
  data: fc.uint8Array({ maxLength: 300 }),
});

/** The bytes cut at these places, given one piece after the other. */
function readInPieces(bytes: Buffer, cuts: readonly number[]): Frame[] {
  const reader = new FrameReader();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).flatMap((end, at) => [...reader.push(bytes.subarray(places[at], end))]);
}

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encodeFrame));
        const read = readInPieces(bytes, cuts);
        expect(read.map((one) => ({ ...one, data: new Uint8Array(one.data ?? []) }))).toEqual(frames);
      }),
    );
  });

  it('are read from anything without an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
        const reader = new FrameReader();
        for (const chunk of chunks) {
          expect([...reader.push(Buffer.from(chunk))].length).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('that are too long are passed over, and the one behind is read', () => {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(MAX_MESSAGE_BYTES + 1, 0);
    header.writeUInt32BE(3, 4);
    header.writeUInt8(1, 8);
    const next = encodeFrame({ stream: 5, type: 1, data: Buffer.from('next') });
    const reader = new FrameReader();
    expect([...reader.push(header)]).toEqual([{ stream: 3, type: 1, flags: 0, data: undefined }]);
    const piece = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < 4; sent += 1) {
      expect([...reader.push(piece)]).toEqual([]);
    }
    expect([...reader.push(Buffer.concat([Buffer.alloc(1), next]))]).toEqual([
      { stream: 5, type: 1, flags: 0, data: Buffer.from('next') },
    ]);
  });

  it('of the greatest length are read, from many small pieces too', () => {
    const bytes = encodeFrame({ stream: 1, type: 2, data: Buffer.alloc(MAX_MESSAGE_BYTES, 7) });
    const reader = new FrameReader();
    const read: Frame[] = [];
    for (let at = 0; at < bytes.length; at += 4096) {
      read.push(...reader.push(bytes.subarray(at, at + 4096)));
    }
    expect(read.map(({ data }) => data?.length)).toEqual([MAX_MESSAGE_BYTES]);
  });

  it('longer than a message may be are not written', () => {
    expect(() => encodeFrame({ stream: 1, type: 1, data: Buffer.alloc(MAX_MESSAGE_BYTES + 1) })).toThrow(RangeError);
  });
});
