// Canonical definitions: the borders between core functions and component functions (Binary.md "canonical
// definitions"), the built-ins of asynchronous components among them. What Spin does not enable is refused by name.
import { malformed, unsupported } from './error.ts';
import { MAX_OPTIONS } from './limits.ts';
import { unknownCode, type Reader } from './reader.ts';
import type { ChannelBuiltin, ChannelCancel, ChannelCopy, SimpleBuiltin } from '../../plan.ts';
import type { Canon, CanonOptions } from './syntax.ts';
import { readFlag, readResult } from './value-types.ts';

const ENCODINGS: readonly CanonOptions['encoding'][] = ['utf8', 'utf16', 'latin1+utf16'];

/** Built-ins that nothing follows. */
const SIMPLE: ReadonlyMap<number, SimpleBuiltin> = new Map([
  [0x05, 'task.cancel'],
  [0x0d, 'subtask.drop'],
  [0x1f, 'waitable-set.new'],
  [0x22, 'waitable-set.drop'],
  [0x23, 'waitable.join'],
  [0x24, 'backpressure.inc'],
  [0x25, 'backpressure.dec'],
]);

/** Those of one stream or future type that nothing more follows. */
const CHANNEL: ReadonlyMap<number, ChannelBuiltin> = new Map([
  [0x0e, 'stream.new'],
  [0x13, 'stream.drop-readable'],
  [0x14, 'stream.drop-writable'],
  [0x15, 'future.new'],
  [0x1a, 'future.drop-readable'],
  [0x1b, 'future.drop-writable'],
]);

const COPIES: ReadonlyMap<number, ChannelCopy> = new Map([
  [0x0f, 'stream.read'],
  [0x10, 'stream.write'],
  [0x16, 'future.read'],
  [0x17, 'future.write'],
]);

const CANCELS: ReadonlyMap<number, ChannelCancel> = new Map([
  [0x11, 'stream.cancel-read'],
  [0x12, 'stream.cancel-write'],
  [0x18, 'future.cancel-read'],
  [0x19, 'future.cancel-write'],
]);

/** What current tools do not use, and Spin does not enable either. */
const laterBuiltin = (code: number): string | undefined => {
  if (code === 0x08) {
    return 'the built-in `backpressure.set`';
  }
  if (code >= 0x1c && code <= 0x1e) {
    return 'an error-context built-in';
  }
  if ((code >= 0x26 && code <= 0x2d) || (code >= 0x40 && code <= 0x42)) {
    return 'a thread built-in';
  }
  return undefined;
};

export function readCanon(reader: Reader): Canon {
  const code = reader.byte('a canonical definition');
  switch (code) {
    case 0x00:
      expectZero(reader, 'form of lift');
      return {
        kind: 'lift',
        func: reader.u32('a core function index'),
        options: readOptions(reader),
        type: reader.u32('a function type index'),
      };
    case 0x01:
      expectZero(reader, 'form of lower');
      return { kind: 'lower', func: reader.u32('a function index'), options: readOptions(reader) };
    case 0x02:
      return { kind: 'resource.new', type: reader.u32('a resource type index') };
    case 0x03:
      return { kind: 'resource.drop', type: reader.u32('a resource type index') };
    case 0x04:
      return { kind: 'resource.rep', type: reader.u32('a resource type index') };
    default:
      return readAsyncBuiltin(reader, code);
  }
}

function readAsyncBuiltin(reader: Reader, code: number): Canon {
  switch (code) {
    case 0x06:
      return { kind: 'subtask.cancel', async: readFlag(reader, 'form of subtask.cancel') };
    case 0x09:
      return { kind: 'task.return', result: readResult(reader), options: readOptions(reader) };
    case 0x0a:
    case 0x0b:
      return { kind: code === 0x0a ? 'context.get' : 'context.set', slot: readContextSlot(reader) };
    case 0x0c:
      return { kind: 'thread.yield', cancellable: readFlag(reader, 'form of thread.yield') };
    case 0x20:
    case 0x21:
      return {
        kind: code === 0x20 ? 'waitable-set.wait' : 'waitable-set.poll',
        cancellable: readFlag(reader, 'form of a wait'),
        memory: reader.u32('a core memory index'),
      };
    default:
      return readListedBuiltin(reader, code);
  }
}

function readListedBuiltin(reader: Reader, code: number): Canon {
  const simple = SIMPLE.get(code);
  if (simple !== undefined) {
    return { kind: simple };
  }
  const channel = CHANNEL.get(code);
  if (channel !== undefined) {
    return { kind: channel, type: reader.u32('a type index') };
  }
  const copy = COPIES.get(code);
  if (copy !== undefined) {
    return { kind: copy, type: reader.u32('a type index'), options: readOptions(reader) };
  }
  const cancel = CANCELS.get(code);
  if (cancel !== undefined) {
    const type = reader.u32('a type index');
    // Nothing that a cancellation would have to wait for: both forms answer at once.
    readFlag(reader, 'form of a cancellation');
    return { kind: cancel, type };
  }
  const feature = laterBuiltin(code);
  throw feature === undefined
    ? unknownCode(reader, code, 'canonical definition')
    : unsupported(feature, reader.offset - 1);
}

const CORE_I32 = 0x7f;
/** CanonicalABI.md: Thread.CONTEXT_LENGTH. */
const CONTEXT_SLOTS = 2;

function readContextSlot(reader: Reader): number {
  if (reader.byte('the type of a context slot') !== CORE_I32) {
    throw unsupported('a context slot that is no i32', reader.offset - 1);
  }
  const slot = reader.u32('a context slot');
  if (slot >= CONTEXT_SLOTS) {
    throw malformed(`there is no context slot ${slot}`, reader.offset - 1);
  }
  return slot;
}

function expectZero(reader: Reader, what: string): void {
  const code = reader.byte(what);
  if (code !== 0) {
    throw unknownCode(reader, code, what);
  }
}

function readOptions(reader: Reader): CanonOptions {
  const seen = new Map<string, number>();
  reader.vector('canonical options', MAX_OPTIONS, () => {
    const offset = reader.offset;
    const [name, value] = readOption(reader);
    if (seen.has(name)) {
      throw malformed(`the canonical option \`${name}\` is given twice`, offset);
    }
    seen.set(name, value);
  });
  return {
    encoding: ENCODINGS[seen.get('string-encoding') ?? 0] ?? 'utf8',
    memory: seen.get('memory') ?? null,
    realloc: seen.get('realloc') ?? null,
    postReturn: seen.get('post-return') ?? null,
    async: seen.has('async'),
    callback: seen.get('callback') ?? null,
  };
}

function readOption(reader: Reader): readonly [name: string, value: number] {
  const code = reader.byte('a canonical option');
  switch (code) {
    case 0x00:
    case 0x01:
    case 0x02:
      return ['string-encoding', code];
    case 0x03:
      return ['memory', reader.u32('a core memory index')];
    case 0x04:
      return ['realloc', reader.u32('a core function index')];
    case 0x05:
      return ['post-return', reader.u32('a core function index')];
    case 0x06:
      return ['async', 1];
    case 0x07:
      return ['callback', reader.u32('a core function index')];
    case 0x08:
    case 0x09:
      throw unsupported('the canonical ABI for garbage-collected types', reader.offset - 1);
    default:
      throw unknownCode(reader, code, 'canonical option');
  }
}
