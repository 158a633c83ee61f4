// wasi:io/error, poll and streams as typed functions. The ones that a request calls many times have a second
// implementation at the core ABI (core.ts); both do nothing but carry operations.ts over their ABI.
import { err, ok, plain, waiting, type HostInterface, type Result } from '../../component/index.ts';
import { andThen } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { InputStream, IoError, OutputStream, Pollable, type StreamError } from '../io/streams.ts';
import { pollCore, streamsCore } from './core.ts';
import * as operations from './operations.ts';

const { lengthOf } = operations;

/** `undefined` is the result's empty ok. */
const unit = (failure: StreamError | undefined): Result<undefined, StreamError> =>
  failure === undefined ? ok(undefined) : err(failure);

const count = (value: number | StreamError): Result<bigint, StreamError> =>
  typeof value === 'number' ? ok(BigInt(value)) : err(value);

const bytes = (value: Uint8Array | StreamError): Result<Uint8Array, StreamError> =>
  value instanceof Uint8Array ? ok(value) : err(value);

export const error: HostInterface<Guest> = {
  repeatable: true,
  resources: { error: IoError },
  functions: {
    '[method]error.to-debug-string': plain((_guest, self: IoError) => self.message),
  },
};

export const poll: HostInterface<Guest> = {
  repeatable: true,
  resources: { pollable: Pollable },
  functions: {
    '[method]pollable.ready': { ...plain((_guest, self: Pollable) => self.ready()), core: pollCore.ready },
    '[method]pollable.block': { ...waiting((_guest, self: Pollable) => operations.block(self)), core: pollCore.block },
    poll: { ...waiting((_guest, list: readonly Pollable[]) => operations.poll(list)), core: pollCore.poll },
  },
};

const input: HostInterface<Guest>['functions'] = {
  '[method]input-stream.read': {
    ...plain((_guest, self: InputStream, length: bigint) => bytes(self.read(lengthOf(length)))),
    core: streamsCore.read,
  },
  '[method]input-stream.blocking-read': {
    ...waiting((_guest, self: InputStream, length: bigint) =>
      andThen(operations.blockingRead(self, lengthOf(length)), bytes),
    ),
    core: streamsCore.blockingRead,
  },
  '[method]input-stream.skip': plain((_guest, self: InputStream, length: bigint) =>
    count(operations.skip(self, lengthOf(length))),
  ),
  '[method]input-stream.blocking-skip': waiting((_guest, self: InputStream, length: bigint) =>
    andThen(operations.blockingSkip(self, lengthOf(length)), count),
  ),
  '[method]input-stream.subscribe': {
    ...plain((_guest, self: InputStream) => self.subscribe()),
    core: streamsCore.subscribeInput,
  },
};

const output: HostInterface<Guest>['functions'] = {
  '[method]output-stream.check-write': {
    ...plain((_guest, self: OutputStream) => count(self.checkWrite())),
    core: streamsCore.checkWrite,
  },
  '[method]output-stream.write': {
    ...plain((_guest, self: OutputStream, contents: Uint8Array) => unit(operations.write(self, contents))),
    core: streamsCore.write,
  },
  '[method]output-stream.blocking-write-and-flush': {
    ...waiting((_guest, self: OutputStream, contents: Uint8Array) =>
      andThen(operations.blockingWriteAndFlush(self, contents), unit),
    ),
    core: streamsCore.blockingWriteAndFlush,
  },
  '[method]output-stream.flush': plain((_guest, self: OutputStream) => unit(self.flush())),
  '[method]output-stream.blocking-flush': waiting((_guest, self: OutputStream) =>
    andThen(operations.blockingFlush(self), unit),
  ),
  '[method]output-stream.subscribe': {
    ...plain((_guest, self: OutputStream) => self.subscribe()),
    core: streamsCore.subscribeOutput,
  },
  '[method]output-stream.write-zeroes': plain((_guest, self: OutputStream, length: bigint) =>
    unit(operations.writeZeroes(self, lengthOf(length))),
  ),
  '[method]output-stream.blocking-write-zeroes-and-flush': waiting((_guest, self: OutputStream, length: bigint) =>
    andThen(operations.blockingWriteZeroesAndFlush(self, lengthOf(length)), unit),
  ),
  '[method]output-stream.splice': plain((_guest, self: OutputStream, source: InputStream, length: bigint) =>
    count(operations.splice(self, source, lengthOf(length))),
  ),
  '[method]output-stream.blocking-splice': waiting((_guest, self: OutputStream, source: InputStream, length: bigint) =>
    andThen(operations.blockingSplice(self, source, lengthOf(length)), count),
  ),
};

export const streams: HostInterface<Guest> = {
  repeatable: true,
  resources: { 'input-stream': InputStream, 'output-stream': OutputStream },
  functions: { ...input, ...output },
};
