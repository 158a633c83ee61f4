import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trap, type HostFunction } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { BytesInputStream, emptyInputStream, SinkOutputStream } from '../io/ready-made.ts';
import { IoError, type Pollable } from '../io/streams.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { GuestMemory } from '../testing/guest-memory.ts';
import { failure, HandInputStream, HandOutputStream } from '../testing/hand-streams.ts';
import { ioCallers, type IoCaller } from '../testing/io-callers.ts';
import { error, streams } from './host.ts';
import { wasiIo } from './index.ts';

/** Everything that could go on by now has gone on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (answer: unknown): unknown => {
  const { tag, val } = answer as { tag: string; val: unknown };
  return val instanceof Uint8Array ? { [tag]: new TextDecoder().decode(val) } : { [tag]: val };
};

function pollables(io: IoCaller, count: number): [HandInputStream[], Pollable[]] {
  const made = Array.from({ length: count }, () => new HandInputStream());
  return [made, made.map((stream) => io.subscribe(stream))];
}

describe.each(ioCallers)('wasi:io called with %s', (_name, makeCaller) => {
  const io = makeCaller(fakeGuest().guest);

  describe('input', () => {
    it('reads at most what was asked for, then the rest, then the end', () => {
      const stream = new BytesInputStream(encode('abcde'));
      expect(decode(io.read(stream, 3n))).toEqual({ ok: 'abc' });
      expect(decode(io.read(stream, 10n))).toEqual({ ok: 'de' });
      expect(io.read(stream, 1n)).toEqual({ tag: 'err', val: { tag: 'closed' } });
    });

    it('reads nothing of an empty stream but its end', () => {
      expect(io.blockingRead(emptyInputStream(), 1n)).toEqual({ tag: 'err', val: { tag: 'closed' } });
    });

    it('takes the greatest length a guest can name', () => {
      expect(decode(io.read(new BytesInputStream(encode('all')), 0xffff_ffff_ffff_ffffn))).toEqual({ ok: 'all' });
    });

    it('answers a blocking read without a promise when something is there', () => {
      const stream = new HandInputStream();
      stream.push(encode('here'));
      expect(decode(io.blockingRead(stream, 100n))).toEqual({ ok: 'here' });
    });

    it('gives an empty list now and waits when asked to block', async () => {
      const stream = new HandInputStream();
      expect(decode(io.read(stream, 10n))).toEqual({ ok: '' });
      const later = io.blockingRead(stream, 10n);
      expect(later).toBeInstanceOf(Promise);
      stream.push(encode('late'));
      expect(decode(await later)).toEqual({ ok: 'late' });
    });

    it('gives an error once with its message, and the end after it', () => {
      const stream = new HandInputStream();
      stream.push(failure('cable cut'));
      const first = io.read(stream, 1n);
      expect(first).toMatchObject({ tag: 'err', val: { tag: 'last-operation-failed', val: { message: 'cable cut' } } });
      expect(io.read(stream, 1n)).toEqual({ tag: 'err', val: { tag: 'closed' } });
    });
  });

  describe('output', () => {
    it('tells the room there is, above 32 bits too', () => {
      expect(io.checkWrite(new HandOutputStream(0))).toEqual({ tag: 'ok', val: 0n });
      expect(io.checkWrite(new HandOutputStream(5_000_000_000))).toEqual({ tag: 'ok', val: 5_000_000_000n });
    });

    it('writes what fits', () => {
      const stream = new HandOutputStream(3);
      expect(io.write(stream, encode('abc'))).toEqual({ tag: 'ok', val: undefined });
      expect(stream.log).toEqual(['abc']);
    });

    it('ends the guest that writes more than it was allowed', () => {
      expect(() => io.write(new HandOutputStream(3), encode('abcd'))).toThrow(new Trap('write exceeded budget'));
    });

    it('lets nothing be written without room, and calls that no error', () => {
      const stream = new HandOutputStream(0);
      expect(io.write(stream, new Uint8Array(0))).toEqual({ tag: 'ok', val: undefined });
      expect(stream.log).toEqual([]);
    });

    it('answers a write to a failed stream with the error', () => {
      const stream = new HandOutputStream(10);
      stream.fail(failure('disk full'));
      expect(io.write(stream, encode('x'))).toMatchObject({ val: { val: { message: 'disk full' } } });
      expect(io.checkWrite(stream)).toEqual({ tag: 'err', val: { tag: 'closed' } });
    });

    it('does not see what the guest does to its memory after a write', () => {
      const taken: Uint8Array[] = [];
      const stream = new SinkOutputStream((chunk) => taken.push(chunk));
      io.write(stream, encode('first'));
      io.write(stream, encode('other'));
      expect(taken.map((chunk) => new TextDecoder().decode(chunk))).toEqual(['first', 'other']);
    });

    it('writes and flushes at once when there is room', () => {
      const stream = new HandOutputStream(10);
      expect(io.blockingWriteAndFlush(stream, encode('hello'))).toEqual({ tag: 'ok', val: undefined });
      expect(stream.log).toEqual(['hello', 'flush']);
    });

    it('waits for room piece by piece, then for the flush', async () => {
      const stream = new HandOutputStream(2);
      stream.slowFlush = true;
      const done = io.blockingWriteAndFlush(stream, encode('hello'));
      stream.make(2);
      await turn();
      stream.make(5);
      await turn();
      expect(stream.log).toEqual(['he', 'll', 'o', 'flush']);
      stream.flushed();
      await expect(done).resolves.toEqual({ tag: 'ok', val: undefined });
    });

    it('flushes after writing nothing', () => {
      const stream = new HandOutputStream(1);
      expect(io.blockingWriteAndFlush(stream, new Uint8Array(0))).toEqual({ tag: 'ok', val: undefined });
      expect(stream.log).toEqual(['flush']);
    });

    it('takes a stream that closes during the flush for a success, and one that fails for a failure', async () => {
      for (const [event, answer] of [
        [{ tag: 'closed' }, { tag: 'ok', val: undefined }],
        [failure('reset'), { tag: 'err', val: { tag: 'last-operation-failed', val: { message: 'reset' } } }],
      ] as const) {
        const stream = new HandOutputStream(10);
        stream.slowFlush = true;
        const done = io.blockingWriteAndFlush(stream, encode('x'));
        stream.fail(event);
        await expect(done).resolves.toMatchObject(answer);
      }
    });

    it('takes 4096 bytes in one blocking write and ends the guest that gives one more', () => {
      const stream = new HandOutputStream(5000);
      expect(io.blockingWriteAndFlush(stream, new Uint8Array(4096))).toEqual({ tag: 'ok', val: undefined });
      expect(() => io.blockingWriteAndFlush(stream, new Uint8Array(4097))).toThrow(
        new Trap('Buffer too large for blocking-write-and-flush (expected at most 4096)'),
      );
    });

    it('carries any text through any room', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 64 }),
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 64, maxLength: 64 }),
          async (content, rooms) => {
            const stream = new HandOutputStream(0);
            const written: Uint8Array[] = [];
            stream.write = (chunk) => {
              written.push(chunk);
              stream.make(0);
              return undefined;
            };
            const done = io.blockingWriteAndFlush(stream, content);
            for (const room of rooms) {
              stream.make(room);
              await turn();
            }
            await expect(done).resolves.toEqual({ tag: 'ok', val: undefined });
            expect(Buffer.concat(written)).toEqual(Buffer.from(content));
          },
        ),
        { numRuns: 20 },
      );
    });
  });

  describe('poll', () => {
    it('ends the guest that polls nothing', () => {
      expect(() => io.poll([])).toThrow(Trap);
    });

    it('ends the guest that polls more than it can hold handles', () => {
      const [, [one]] = pollables(io, 1);
      expect(() => io.poll(Array.from({ length: 100_001 }, () => one as Pollable))).toThrow(
        'more than 100000 pollables',
      );
    });

    it('gives all that are ready now, duplicates too, without a promise', () => {
      const [[first, , third], list] = pollables(io, 3);
      first?.push(encode('a'));
      third?.push(encode('c'));
      expect(io.poll([...list, ...list.slice(0, 1)])).toEqual([0, 2, 3]);
    });

    it('waits until one is ready', async () => {
      const [made, list] = pollables(io, 3);
      const ready = io.poll(list);
      expect(ready).toBeInstanceOf(Promise);
      made[1]?.push(encode('b'));
      await expect(ready).resolves.toEqual([1]);
    });

    it('goes on waiting when it was woken for nothing', async () => {
      const [made, list] = pollables(io, 2);
      const ready = io.poll(list);
      made[0]?.wakeForNothing();
      await Promise.resolve();
      made[1]?.push(encode('b'));
      await expect(ready).resolves.toEqual([1]);
    });

    it('leaves nothing on a stream that stays silent through many polls with new pollables', async () => {
      const silent = new HandInputStream();
      const busy = new HandInputStream();
      for (let round = 0; round < 50; round++) {
        const pair = [io.subscribe(silent), io.subscribe(busy)];
        const ready = io.poll(pair);
        busy.push(encode('x'));
        expect(await ready).toEqual([1]);
        busy.read(1);
        for (const pollable of pair) {
          pollable[Symbol.dispose]();
        }
      }
      expect(silent.gate.waits).toBe(1);
    });

    it('polls many', async () => {
      const [made, list] = pollables(io, 2000);
      const ready = io.poll(list);
      made[1999]?.push(encode('x'));
      made[7]?.push(encode('x'));
      await expect(ready).resolves.toEqual([7, 1999]);
    });

    it('blocks on one only while it is not ready', async () => {
      const stream = new HandInputStream();
      const pollable = io.subscribe(stream);
      expect(io.ready(pollable)).toBe(false);
      const blocked = io.block(pollable);
      stream.push(encode('x'));
      await blocked;
      expect(io.ready(pollable)).toBe(true);
      expect(io.block(pollable)).toBeUndefined();
    });
  });

  describe('the child resource rule', () => {
    it.each([
      ['an input stream', () => new HandInputStream()],
      ['an output stream', () => new HandOutputStream(1)],
      ['bytes in memory', () => new BytesInputStream(encode('x'))],
      ['a sink', () => new SinkOutputStream(() => {})],
    ])('ends the guest that drops %s before its pollables', (_what, make) => {
      const stream = make();
      const [first, second] = [io.subscribe(stream), io.subscribe(stream)];
      first[Symbol.dispose]();
      expect(() => stream[Symbol.dispose]()).toThrow(Trap);
      second[Symbol.dispose]();
      expect(() => stream[Symbol.dispose]()).not.toThrow();
    });
  });
});

describe('the rest of wasi:io/streams', () => {
  const { guest } = fakeGuest();
  const call = <T = unknown>(name: string, ...args: unknown[]): T => {
    const { call: found } = streams.functions[name] as HostFunction<Guest>;
    return (found as (...all: unknown[]) => T)(guest, ...args);
  };

  it('skips like it reads', async () => {
    const stream = new HandInputStream();
    expect(call('[method]input-stream.skip', stream, 4n)).toEqual({ tag: 'ok', val: 0n });
    const later = call('[method]input-stream.blocking-skip', stream, 4n);
    stream.push(encode('abcdef'));
    expect(await later).toEqual({ tag: 'ok', val: 4n });
    expect(call('[method]input-stream.skip', stream, 4n)).toEqual({ tag: 'ok', val: 2n });
    stream.push({ tag: 'closed' });
    expect(call('[method]input-stream.blocking-skip', stream, 1n)).toEqual({ tag: 'err', val: { tag: 'closed' } });
  });

  it('flushes, and waits for the end of a flush only when asked to block', async () => {
    const stream = new HandOutputStream(1);
    stream.slowFlush = true;
    expect(call('[method]output-stream.flush', stream)).toEqual({ tag: 'ok', val: undefined });
    expect(stream.ready()).toBe(false);
    const done = call('[method]output-stream.blocking-flush', stream);
    stream.flushed();
    expect(await done).toEqual({ tag: 'ok', val: undefined });
    stream.fail({ tag: 'closed' });
    expect(call('[method]output-stream.blocking-flush', stream)).toEqual({ tag: 'err', val: { tag: 'closed' } });
  });

  it('writes zeroes within the same limits as bytes', async () => {
    const stream = new HandOutputStream(3);
    expect(call('[method]output-stream.write-zeroes', stream, 2n)).toEqual({ tag: 'ok', val: undefined });
    expect(stream.log).toEqual(['\0\0']);
    expect(() => call('[method]output-stream.write-zeroes', stream, 2n)).toThrow('write exceeded budget');
    const name = '[method]output-stream.blocking-write-zeroes-and-flush';
    const done = call(name, stream, 3n);
    stream.make(9);
    expect(await done).toEqual({ tag: 'ok', val: undefined });
    expect(stream.log).toEqual(['\0\0', '\0', '\0\0', 'flush']);
    expect(() => call(name, stream, 4097n)).toThrow(
      'Buffer too large for blocking-write-zeroes-and-flush (expected at most 4096)',
    );
  });

  describe('splice', () => {
    const name = '[method]output-stream.splice';

    it('moves one chunk, never more than there is room for', () => {
      const source = new HandInputStream();
      source.push(encode('abcdef'));
      const target = new HandOutputStream(4);
      expect(call(name, target, source, 100n)).toEqual({ tag: 'ok', val: 4n });
      expect(target.log).toEqual(['abcd']);
      expect(call(name, target, source, 100n)).toEqual({ tag: 'ok', val: 0n });
      target.make(10);
      expect(call(name, target, source, 1n)).toEqual({ tag: 'ok', val: 1n });
      expect(target.log).toEqual(['abcd', 'e']);
    });

    it('moves nothing when nothing is there', () => {
      expect(call(name, new HandOutputStream(4), new HandInputStream(), 4n)).toEqual({ tag: 'ok', val: 0n });
    });

    it('gives the end of the source and the failure of the target', () => {
      const target = new HandOutputStream(4);
      expect(call(name, target, emptyInputStream(), 4n)).toEqual({ tag: 'err', val: { tag: 'closed' } });
      target.fail(failure('gone'));
      expect(call(name, target, new BytesInputStream(encode('x')), 4n)).toMatchObject({ tag: 'err' });
    });

    it('waits for room, then for bytes, then for the flush when it may block', async () => {
      const source = new HandInputStream();
      const target = new HandOutputStream(0);
      target.slowFlush = true;
      const done = call<Promise<unknown>>('[method]output-stream.blocking-splice', target, source, 3n);
      target.make(10);
      await turn();
      source.push(encode('abcdef'));
      await turn();
      expect(target.log).toEqual(['abc', 'flush']);
      target.flushed();
      expect(await done).toEqual({ tag: 'ok', val: 3n });
    });

    it('answers a blocking splice plainly when nothing has to be awaited', () => {
      const target = new HandOutputStream(10);
      const source = new BytesInputStream(encode('abc'));
      expect(call('[method]output-stream.blocking-splice', target, source, 2n)).toEqual({ tag: 'ok', val: 2n });
      expect(call('[method]output-stream.blocking-splice', target, source, 0n)).toEqual({ tag: 'ok', val: 0n });
    });
  });
});

describe('the capability', () => {
  it('tells what an error was', () => {
    const tell = error.functions['[method]error.to-debug-string']?.call as (guest: unknown, self: IoError) => string;
    expect(tell(undefined, new IoError('cable cut'))).toBe('cable cut');
  });

  it('serves the functions of the WIT, each of which waits only when its name says so', async () => {
    const state = await wasiIo.open(undefined, undefined as never);
    const bound = wasiIo.bind(state, fakeGuest().component);
    expect([...bound.keys()]).toEqual([...wasiIo.interfaces]);
    const waiting = [...bound.values()].flatMap(({ functions }) =>
      Object.entries(functions).flatMap(([name, { waits }]) => (waits ? [name] : [])),
    );
    expect(waiting.toSorted()).toEqual([
      '[method]input-stream.blocking-read',
      '[method]input-stream.blocking-skip',
      '[method]output-stream.blocking-flush',
      '[method]output-stream.blocking-splice',
      '[method]output-stream.blocking-write-and-flush',
      '[method]output-stream.blocking-write-zeroes-and-flush',
      '[method]pollable.block',
      'poll',
    ]);
  });
});

describe('the core ABI', () => {
  it('ends the guest that gives pointers outside its memory or not aligned', () => {
    const memory = new GuestMemory();
    const make = (name: string): ((...args: unknown[]) => unknown) =>
      streams.functions[name]?.core?.(() => fakeGuest().guest, memory) as (...args: unknown[]) => unknown;
    const stream = memory.insert(new HandOutputStream(100_000));
    const write = make('[method]output-stream.write');
    for (const [pointer, length, result] of [
      [65_530, 10, 16],
      [0, -1, 16],
      [-1, 1, 16],
      [0, 1, 18],
      [0, 1, 65_532],
    ]) {
      expect(() => write(stream, pointer, length, result)).toThrow(Trap);
    }
    expect(() => make('[method]output-stream.check-write')(stream + 1, 16)).toThrow(Trap);
  });
});
