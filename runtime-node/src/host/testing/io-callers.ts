// The wasi:io functions that exist twice, behind one face: called with typed values, or at the core ABI through a
// memory, as a component would. The same tests run through both.
import type { HostFunction, Result } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { InputStream, IoError, type OutputStream, type Pollable, type StreamError } from '../io/streams.ts';
import { poll, streams } from '../wasi-io/host.ts';
import { GuestMemory } from './guest-memory.ts';

type Maybe<T> = T | Promise<T>;
type Answer<T> = Result<T, StreamError>;

export interface IoCaller {
  read(stream: InputStream, length: bigint): Answer<Uint8Array>;
  blockingRead(stream: InputStream, length: bigint): Maybe<Answer<Uint8Array>>;
  checkWrite(stream: OutputStream): Answer<bigint>;
  write(stream: OutputStream, bytes: Uint8Array): Answer<undefined>;
  blockingWriteAndFlush(stream: OutputStream, bytes: Uint8Array): Maybe<Answer<undefined>>;
  subscribe(stream: InputStream | OutputStream): Pollable;
  ready(pollable: Pollable): boolean;
  block(pollable: Pollable): Maybe<void>;
  poll(pollables: readonly Pollable[]): Maybe<number[]>;
}

function find(name: string): HostFunction<Guest> {
  const found = streams.functions[name] ?? poll.functions[name];
  if (found === undefined) {
    throw new Error(`no function ${name}`);
  }
  return found;
}

const directionOf = (stream: InputStream | OutputStream): string =>
  stream instanceof InputStream ? 'input-stream' : 'output-stream';

function typedCaller(guest: Guest): IoCaller {
  const call = <T>(name: string, ...args: unknown[]): T =>
    (find(name).call as (guest: Guest, ...args: unknown[]) => T)(guest, ...args);
  return {
    read: (stream, length) => call('[method]input-stream.read', stream, length),
    blockingRead: (stream, length) => call('[method]input-stream.blocking-read', stream, length),
    checkWrite: (stream) => call('[method]output-stream.check-write', stream),
    write: (stream, bytes) => call('[method]output-stream.write', stream, bytes),
    blockingWriteAndFlush: (stream, bytes) => call('[method]output-stream.blocking-write-and-flush', stream, bytes),
    subscribe: (stream) => call(`[method]${directionOf(stream)}.subscribe`, stream),
    ready: (pollable) => call('[method]pollable.ready', pollable),
    block: (pollable) => call('[method]pollable.block', pollable),
    poll: (pollables) => call('poll', pollables),
  };
}

const after = <T>(done: unknown, value: () => T): Maybe<T> => (done instanceof Promise ? done.then(value) : value());

function coreCaller(guest: Guest): IoCaller {
  const memory = new GuestMemory();
  const call = (name: string, ...args: unknown[]): unknown => {
    const { core } = find(name);
    if (core === undefined) {
      throw new Error(`${name} has no core implementation`);
    }
    return (core(() => guest, memory) as (...args: unknown[]) => unknown)(...args);
  };
  const loadError = (at: number): StreamError =>
    memory.view.getUint8(at) === 1
      ? { tag: 'closed' }
      : { tag: 'last-operation-failed', val: memory.resource(memory.view.getUint32(at + 4, true), IoError) };
  const load = <T>(result: number, payload: number, value: (at: number) => T): Answer<T> =>
    memory.view.getUint8(result) === 0
      ? { tag: 'ok', val: value(result + payload) }
      : { tag: 'err', val: loadError(result + payload) };
  const loadBytes = (result: number): Answer<Uint8Array> =>
    load(result, 4, (at) => {
      const start = memory.view.getUint32(at, true);
      return memory.bytes.slice(start, start + memory.view.getUint32(at + 4, true));
    });
  const unit = (result: number): Answer<undefined> => load(result, 4, () => undefined);
  return {
    read(stream, length) {
      const result = memory.allocate(12, 4);
      call('[method]input-stream.read', memory.insert(stream), BigInt.asIntN(64, length), result);
      return loadBytes(result);
    },
    blockingRead(stream, length) {
      const result = memory.allocate(12, 4);
      const signed = BigInt.asIntN(64, length);
      const done = call('[method]input-stream.blocking-read', memory.insert(stream), signed, result);
      return after(done, () => loadBytes(result));
    },
    checkWrite(stream) {
      const result = memory.allocate(16, 8);
      call('[method]output-stream.check-write', memory.insert(stream), result);
      return load(result, 8, (at) => memory.view.getBigUint64(at, true));
    },
    write(stream, bytes) {
      const result = memory.allocate(12, 4);
      call('[method]output-stream.write', memory.insert(stream), ...memory.put(bytes), result);
      return unit(result);
    },
    blockingWriteAndFlush(stream, bytes) {
      const result = memory.allocate(12, 4);
      const args = [memory.insert(stream), ...memory.put(bytes), result];
      return after(call('[method]output-stream.blocking-write-and-flush', ...args), () => unit(result));
    },
    subscribe(stream) {
      const name = `[method]${directionOf(stream)}.subscribe`;
      return memory.resource(call(name, memory.insert(stream)) as number, Object) as Pollable;
    },
    ready: (pollable) => call('[method]pollable.ready', memory.insert(pollable)) === 1,
    block: (pollable) => call('[method]pollable.block', memory.insert(pollable)) as Maybe<void>,
    poll(pollables) {
      const list = memory.allocate(pollables.length * 4, 4);
      for (const [index, pollable] of pollables.entries()) {
        memory.view.setUint32(list + index * 4, memory.insert(pollable), true);
      }
      const result = memory.allocate(8, 4);
      return after(call('poll', list, pollables.length, result), () => {
        const start = memory.view.getUint32(result, true);
        const count = memory.view.getUint32(result + 4, true);
        return Array.from({ length: count }, (_, index) => memory.view.getUint32(start + index * 4, true));
      });
    },
  };
}

/** For `describe.each`. */
export const ioCallers = [
  ['typed values', typedCaller],
  ['the core ABI', coreCaller],
] as const;
