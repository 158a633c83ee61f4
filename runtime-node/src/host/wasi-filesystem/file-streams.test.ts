import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Trap } from '../../component/index.ts';
import type { InputStream, OutputStream, StreamError } from '../io/streams.ts';
import { fakeMount, openFileCount, type FakeMount } from '../testing/fake-mount.ts';
import { ioCallers, type IoCaller } from '../testing/io-callers.ts';
import type { Descriptor } from './descriptor.ts';
import { FileIoError } from './errors.ts';
import { SYNC_BYTES } from './file-streams.ts';

/** Bytes that differ from their neighbours and from those of the next page. */
const content = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255);

const fileOf = (bytes: Uint8Array) => (path: string) => writeFileSync(join(path, 'file'), bytes);

function inputOf(mount: FakeMount, offset = 0n): InputStream {
  using file = mount.open('file').val as Descriptor;
  return mount.call<{ val: InputStream }>('[method]descriptor.read-via-stream', file, offset).val;
}

function outputOf(mount: FakeMount, name: 'write' | 'append', ...offset: bigint[]): OutputStream {
  using file = mount.open('file', { write: true }).val as Descriptor;
  return mount.call<{ val: OutputStream }>(`[method]descriptor.${name}-via-stream`, file, ...offset).val;
}

interface Read {
  readonly bytes: Buffer;
  /** How many of the reads had to wait. */
  readonly waits: number;
  readonly end: StreamError;
}

async function readAll(io: IoCaller, stream: InputStream, length: bigint): Promise<Read> {
  const chunks: Uint8Array[] = [];
  let waits = 0;
  for (;;) {
    const answer = io.blockingRead(stream, length);
    waits += answer instanceof Promise ? 1 : 0;
    const read = await answer;
    if (read.tag === 'err') {
      return { bytes: Buffer.concat(chunks), waits, end: read.val };
    }
    chunks.push(read.val);
  }
}

describe.each(ioCallers)('a file stream used with %s', (_name, makeCaller) => {
  it.each([0, 1, 6, SYNC_BYTES - 1])('reads a file of %d bytes without ever waiting', async (length) => {
    await using mount = await fakeMount(fileOf(content(length)));
    using stream = inputOf(mount);
    const { bytes, waits } = await readAll(makeCaller(mount.guest), stream, 100_000n);
    expect(bytes.equals(content(length))).toBe(true);
    expect(waits).toBe(0);
  });

  it.each([
    ['read-only', false],
    ['writable', true],
  ])('reads a long file whole on a %s mount, waiting for what comes after its start', async (_how, writable) => {
    await using mount = await fakeMount(fileOf(content(700_001)), { writable });
    using stream = inputOf(mount);
    const { bytes, waits, end } = await readAll(makeCaller(mount.guest), stream, 50_000n);
    expect(end).toEqual({ tag: 'closed' });
    expect(bytes.equals(content(700_001))).toBe(true);
    expect(waits).toBeGreaterThan(0);
  });

  it('reads from an offset, and nothing from behind the end', async () => {
    await using mount = await fakeMount(fileOf(content(100)));
    const io = makeCaller(mount.guest);
    using middle = inputOf(mount, 90n);
    expect((await readAll(io, middle, 1000n)).bytes.equals(content(100).subarray(90))).toBe(true);
    using behind = inputOf(mount, 1000n);
    expect((await readAll(io, behind, 1000n)).bytes).toHaveLength(0);
  });

  it('gives what it has without waiting and wakes a poll when more has come', async () => {
    await using mount = await fakeMount(fileOf(content(SYNC_BYTES + 10)));
    const io = makeCaller(mount.guest);
    using stream = inputOf(mount);
    using pollable = io.subscribe(stream);
    expect(io.ready(pollable)).toBe(true);
    expect(io.read(stream, BigInt(SYNC_BYTES))).toMatchObject({ tag: 'ok' });
    expect(io.read(stream, 1000n)).toEqual({ tag: 'ok', val: new Uint8Array(0) });
    expect(io.ready(pollable)).toBe(false);
    await io.poll([pollable]);
    expect(io.read(stream, 1000n)).toEqual({ tag: 'ok', val: content(SYNC_BYTES + 10).slice(SYNC_BYTES) });
  });

  it('reads what a guest has just written, where it may write', async () => {
    await using mount = await fakeMount(fileOf(content(SYNC_BYTES + 20)), { writable: true });
    const io = makeCaller(mount.guest);
    using input = inputOf(mount);
    io.read(input, BigInt(SYNC_BYTES));
    expect(await io.blockingRead(input, 10n)).toMatchObject({ val: { length: 10 } });
    using output = outputOf(mount, 'write', BigInt(SYNC_BYTES + 10));
    await io.blockingWriteAndFlush(output, new Uint8Array(10).fill(7));
    expect(await io.blockingRead(input, 10n)).toEqual({ tag: 'ok', val: new Uint8Array(10).fill(7) });
  });

  it('writes on from an offset', async () => {
    await using mount = await fakeMount(fileOf(new TextEncoder().encode('hello world')), { writable: true });
    const io = makeCaller(mount.guest);
    using stream = outputOf(mount, 'write', 6n);
    expect(io.checkWrite(stream)).toEqual({ tag: 'ok', val: 65_536n });
    io.write(stream, new TextEncoder().encode('W'));
    io.blockingWriteAndFlush(stream, new TextEncoder().encode('ORLD!'));
    expect(readFileSync(join(mount.path, 'file'), 'utf8')).toBe('hello WORLD!');
  });

  it('appends where the end is at that moment, though others append too', async () => {
    await using mount = await fakeMount(fileOf(new TextEncoder().encode('1')), { writable: true });
    const io = makeCaller(mount.guest);
    using first = outputOf(mount, 'append');
    using second = outputOf(mount, 'append');
    io.write(first, new TextEncoder().encode('2'));
    io.write(second, new TextEncoder().encode('3'));
    appendFileSync(join(mount.path, 'file'), '4');
    io.write(first, new TextEncoder().encode('5'));
    expect(readFileSync(join(mount.path, 'file'), 'utf8')).toBe('12345');
  });

  it('ends the guest that writes more than the budget at once', async () => {
    await using mount = await fakeMount(fileOf(content(0)), { writable: true });
    using stream = outputOf(mount, 'write', 0n);
    expect(() => makeCaller(mount.guest).write(stream, new Uint8Array(65_537))).toThrow(Trap);
  });

  it('tells once why a write failed, and is closed after it', async () => {
    await using mount = await fakeMount(fileOf(content(0)), { writable: true });
    const io = makeCaller(mount.guest);
    using stream = outputOf(mount, 'write', 1n << 60n);
    const answer = io.write(stream, new Uint8Array(1));
    expect(answer).toMatchObject({ val: { tag: 'last-operation-failed' } });
    const { val } = answer as { val: { val: unknown } };
    expect(val.val).toBeInstanceOf(FileIoError);
    expect(val.val).toMatchObject({ errorCode: 'file-too-large' });
    expect(io.checkWrite(stream)).toEqual({ tag: 'err', val: { tag: 'closed' } });
  });
});

describe('a file behind streams', () => {
  it('stays open while a stream lives, and a read in flight, and no longer', async () => {
    await using mount = await fakeMount(fileOf(content(SYNC_BYTES * 3)));
    const before = openFileCount();
    const stream = inputOf(mount);
    expect(openFileCount()).toBe(before + 1);
    stream.read(SYNC_BYTES);
    const arrived = stream.wait();
    stream[Symbol.dispose]();
    expect(openFileCount()).toBe(before + 1);
    await arrived;
    expect(openFileCount()).toBe(before);
  });

  it.each([
    ['read', (mount: FakeMount) => inputOf(mount)],
    ['write', (mount: FakeMount) => outputOf(mount, 'write', 0n)],
  ])('is closed all the same when a stream to %s it is wrongly dropped before its pollables', async (_what, open) => {
    await using mount = await fakeMount(fileOf(content(1)), { writable: true });
    const before = openFileCount();
    const stream = open(mount);
    stream.subscribe();
    expect(() => stream[Symbol.dispose]()).toThrow(Trap);
    expect(openFileCount()).toBe(before);
  });
});
