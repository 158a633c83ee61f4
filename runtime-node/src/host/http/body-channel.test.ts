import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSED } from '../io/streams.ts';
import { BodyChannel } from './body-channel.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a body on its way between two guests', () => {
  it('arrives whole and in order, whatever the sizes of its pieces and of the reads', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }),
        async (pieces, sizes) => {
          const { sink, body } = new BodyChannel();
          for (const piece of pieces) {
            sink.write(piece);
          }
          sink.finish(null);
          const got: Uint8Array[] = [];
          let end: unknown;
          for (let i = 0; end === undefined; i += 1) {
            await body.stream.wait();
            const bytes = body.stream.read(sizes[i % sizes.length] as number);
            if (bytes instanceof Uint8Array) {
              got.push(bytes);
            } else {
              end = bytes;
            }
          }
          expect([Buffer.concat(got), end]).toEqual([Buffer.concat(pieces), CLOSED]);
        },
      ),
    );
  });

  it('makes the writer wait while the reader does not read', async () => {
    const { sink, body } = new BodyChannel();
    sink.write(new Uint8Array(65_536));
    expect([sink.room(), sink.ready()]).toEqual([0, false]);
    let waited = false;
    void sink.wait().then(() => (waited = true));
    await turn();
    expect(waited).toBe(false);
    body.stream.read(1);
    await turn();
    expect(waited).toBe(true);
  });

  it('brings the trailers after the last byte was read', () => {
    const { sink, body } = new BodyChannel();
    sink.write(Buffer.from('x'));
    sink.finish([['a', 'b']]);
    expect(body.trailers.ready()).toBe(false);
    body.stream.read(9);
    expect([body.trailers.ready(), body.trailers.value()]).toEqual([true, { tag: 'ok', val: [['a', 'b']] }]);
  });

  it('is an error for its reader when the writer cuts it, after what had come', () => {
    const { sink, body } = new BodyChannel();
    sink.write(Buffer.from('half'));
    sink.abort('gone');
    expect(body.stream.read(9)).toEqual(Buffer.from('half'));
    expect(body.stream.read(9)).toMatchObject({ tag: 'last-operation-failed' });
    expect(body.stream.read(9)).toEqual(CLOSED);
    expect(body.trailers.value()).toMatchObject({ tag: 'err' });
  });

  it('is thrown away up to its trailers when the reader drops the stream', () => {
    const { sink, body } = new BodyChannel();
    sink.write(new Uint8Array(70_000));
    body.stream[Symbol.dispose]();
    expect(sink.ready()).toBe(true);
    sink.write(new Uint8Array(70_000));
    expect(sink.ready()).toBe(true);
    sink.finish([['t', '1']]);
    expect(body.trailers.value()).toEqual({ tag: 'ok', val: [['t', '1']] });
  });

  it('tells the writer when the reader wants nothing any more', async () => {
    const { sink, body } = new BodyChannel();
    sink.write(new Uint8Array(65_536));
    const waiting = sink.wait();
    body.cancel?.();
    await waiting;
    expect([sink.room(), sink.write(new Uint8Array(1))]).toEqual([CLOSED, CLOSED]);
  });

  it('wakes a reader that waits', async () => {
    const { sink, body } = new BodyChannel();
    const waiting = body.stream.wait();
    sink.write(Buffer.from('now'));
    await waiting;
    expect(body.stream.read(9)).toEqual(Buffer.from('now'));
  });
});
