// The operations of wasi:io as both ABIs use them: on stream objects, without results wrapped or memory touched.
// An error is given as StreamError itself; what has to wait gives a promise (spin-contract.md §3.10).
import { Trap } from '../../component/index.ts';
import { andThen } from '../attempt.ts';
import type { InputStream, OutputStream, Pollable, StreamError } from '../io/streams.ts';
import { answerOf, firstWake, NOT_YET } from '../io/wake.ts';

/** wasi:io/streams: the most that one blocking-write-and-flush may carry. */
const MAX_BLOCKING_WRITE = 4096;

/** Longer than any guest memory (32-bit), and still an exact number. */
const MAX_LENGTH = 0xffff_ffff;

/** As many as an instance may hold handles; a longer list would only name some of them again and again. */
const MAX_POLLED = 100_000;

const NOTHING = new Uint8Array(0);

type Unit = StreamError | undefined;
type Count = StreamError | number;
type Bytes = StreamError | Uint8Array;

/** A WIT u64 length as a number; what is longer than memory is as good as all of it. */
export const lengthOf = (length: bigint): number => (length > MAX_LENGTH ? MAX_LENGTH : Number(length));

/** Asks for the bytes before it asks for readiness: a stream then knows how many are wanted. */
export function blockingRead(stream: InputStream, max: number): Bytes | Promise<Bytes> {
  const now = max > 0 ? stream.read(max) : NOTHING;
  return now instanceof Uint8Array && now.length === 0 ? answerOf(stream, () => stream.read(max)) : now;
}

export const skip = (stream: InputStream, max: number): Count => lengthRead(stream.read(max));

export function blockingSkip(stream: InputStream, max: number): Count | Promise<Count> {
  return andThen(blockingRead(stream, max), lengthRead);
}

const lengthRead = (read: Bytes): Count => (read instanceof Uint8Array ? read.length : read);

export function write(stream: OutputStream, bytes: Uint8Array): Unit {
  return checkBudget(stream, bytes.length) ?? writeChecked(stream, bytes);
}

/** After `checkBudget`. */
export const writeChecked = (stream: OutputStream, bytes: Uint8Array): Unit =>
  bytes.length === 0 ? undefined : stream.write(bytes);

export function writeZeroes(stream: OutputStream, length: number): Unit {
  return checkBudget(stream, length) ?? (length === 0 ? undefined : stream.write(new Uint8Array(length)));
}

/** To be asked before bytes are copied, of which a guest can name four thousand million. */
export function checkBudget(stream: OutputStream, length: number): Unit {
  const budget = stream.checkWrite();
  if (typeof budget !== 'number') {
    return budget;
  }
  if (length > budget) {
    throw new Trap('write exceeded budget');
  }
  return undefined;
}

export function blockingWriteAndFlush(stream: OutputStream, bytes: Uint8Array): Unit | Promise<Unit> {
  checkBlockingLength('blocking-write-and-flush', bytes.length);
  return drain(stream, bytes);
}

export function blockingWriteZeroesAndFlush(stream: OutputStream, length: number): Unit | Promise<Unit> {
  checkBlockingLength('blocking-write-zeroes-and-flush', length);
  return drain(stream, new Uint8Array(length));
}

/** As `checkBudget`. */
export function checkBlockingLength(
  name: 'blocking-write-and-flush' | 'blocking-write-zeroes-and-flush',
  length: number,
): void {
  if (length > MAX_BLOCKING_WRITE) {
    throw new Trap(`Buffer too large for ${name} (expected at most ${MAX_BLOCKING_WRITE})`);
  }
}

/** Writes all, flushes, and waits until the stream could take more. A stream that closes meanwhile is no error. */
function drain(stream: OutputStream, bytes: Uint8Array): Unit | Promise<Unit> {
  const budget = stream.checkWrite();
  if (typeof budget === 'number' && budget >= bytes.length && bytes.length > 0) {
    // All at once, as nearly always.
    const failure = stream.write(bytes);
    if (failure !== undefined) {
      return failure;
    }
    const flushed = stream.flush();
    return flushed === undefined ? untilFlushed(stream) : unlessClosed(flushed);
  }
  return drainInParts(stream, bytes);
}

const untilFlushed = (stream: OutputStream): Unit | Promise<Unit> => {
  const budget = stream.checkWrite();
  if (typeof budget !== 'number') {
    return unlessClosed(budget);
  }
  return stream.ready() ? undefined : drainInParts(stream, undefined);
};

/** `bytes` is undefined when only the flush is left to wait for. */
function drainInParts(stream: OutputStream, bytes: Uint8Array | undefined): Unit | Promise<Unit> {
  let rest = bytes;
  return answerOf(stream, () => {
    const budget = stream.checkWrite();
    if (rest === undefined) {
      return typeof budget === 'number' ? undefined : unlessClosed(budget);
    }
    if (typeof budget !== 'number') {
      return budget;
    }
    if (budget === 0 && rest.length > 0) {
      throw new Error('an output stream says that it is ready and takes nothing');
    }
    const chunk: Uint8Array = rest.subarray(0, budget);
    const failure = chunk.length === 0 ? undefined : stream.write(chunk);
    if (failure !== undefined) {
      return failure;
    }
    rest = rest.subarray(chunk.length);
    if (rest.length > 0) {
      return NOT_YET;
    }
    rest = undefined;
    const flushed = stream.flush();
    return flushed === undefined ? NOT_YET : unlessClosed(flushed);
  });
}

const unlessClosed = (error: StreamError): Unit => (error.tag === 'closed' ? undefined : error);

export function blockingFlush(stream: OutputStream): Unit | Promise<Unit> {
  const failure = stream.flush();
  if (failure !== undefined) {
    return failure;
  }
  return answerOf(stream, () => {
    const budget = stream.checkWrite();
    return typeof budget === 'number' ? undefined : budget;
  });
}

/** Moves at most what one `read` gives. */
export function splice(target: OutputStream, source: InputStream, max: number): Count {
  const budget = target.checkWrite();
  if (typeof budget !== 'number') {
    return budget;
  }
  const length = Math.min(max, budget);
  const bytes = length === 0 ? 0 : source.read(length);
  if (!(bytes instanceof Uint8Array)) {
    return bytes;
  }
  return write(target, bytes) ?? bytes.length;
}

export function blockingSplice(target: OutputStream, source: InputStream, max: number): Count | Promise<Count> {
  return andThen(
    answerOf(target, () => target.checkWrite()),
    (budget) => {
      const length = typeof budget === 'number' ? Math.min(max, budget) : 0;
      if (typeof budget !== 'number' || length === 0) {
        return typeof budget === 'number' ? 0 : budget;
      }
      return andThen(blockingRead(source, length), (bytes) =>
        bytes instanceof Uint8Array ? andThen(drain(target, bytes), (failure) => failure ?? bytes.length) : bytes,
      );
    },
  );
}

/** Indices of all that are ready now. */
function readyAmong(pollables: readonly Pollable[]): number[] {
  const ready: number[] = [];
  for (let index = 0; index < pollables.length; index++) {
    if (pollables[index]?.ready() === true) {
      ready.push(index);
    }
  }
  return ready;
}

/** To be asked before a list is made of what the guest has in memory, which can be a thousand million numbers. */
export function checkPollCount(count: number): void {
  if (count === 0) {
    throw new Trap('poll was called with an empty list');
  }
  if (count > MAX_POLLED) {
    throw new Trap(`poll was called with more than ${MAX_POLLED} pollables`);
  }
}

export function poll(pollables: readonly Pollable[]): number[] | Promise<number[]> {
  checkPollCount(pollables.length);
  const ready = readyAmong(pollables);
  return ready.length > 0 ? ready : awaitOne(pollables);
}

async function awaitOne(pollables: readonly Pollable[]): Promise<number[]> {
  const targets = pollables.map(({ target }) => target);
  for (;;) {
    await firstWake(targets);
    const ready = readyAmong(pollables);
    if (ready.length > 0) {
      return ready;
    }
  }
}

export function block(pollable: Pollable): void | Promise<void> {
  return answerOf(pollable.target, () => undefined);
}
