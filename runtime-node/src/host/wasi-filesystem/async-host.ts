// wasi:filesystem 0.3, made of the functions of 0.2 (spin-contract.md §4.13): the same, but asynchronous, with streams in
// place of stream resources, and with variants where 0.2 has enums.
import {
  err,
  FutureReader,
  ok,
  plain,
  StreamReader,
  waiting,
  type HostFunction,
  type HostInterface,
  type Result,
} from '../../component/index.ts';
import { andThen } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import { noBytes, readable, writeAll } from '../io/byte-streams.ts';
import type { InputStream, IoError, OutputStream } from '../io/streams.ts';
import { Descriptor } from './descriptor.ts';
import type { DirectoryEntry, DirectoryEntryStream } from './directory-entry-stream.ts';
import { errorCodeOf, FileIoError, type ErrorCode } from './errors.ts';
import { types } from './host.ts';
import type { DescriptorStat, DescriptorType } from './stat.ts';

type AsyncErrorCode = { readonly tag: string; readonly val?: string };
type End = Result<undefined, AsyncErrorCode>;
type AsyncDescriptorType = { readonly tag: string; readonly val?: string };

/** `would-block` has no case of its own any more. */
const codeOf = (code: ErrorCode): AsyncErrorCode =>
  code === 'would-block' ? { tag: 'other', val: code } : { tag: code };

const streamCode = (error: IoError): AsyncErrorCode => codeOf(error instanceof FileIoError ? error.errorCode : 'io');

const typeOf = (type: DescriptorType): AsyncDescriptorType => ({ tag: type === 'unknown' ? 'other' : type });

type Call = (guest: Guest, ...args: readonly unknown[]) => unknown;

const callOf = (name: string): Call => types.functions[`[method]descriptor.${name}`]?.call as unknown as Call;

/** The function of 0.2 with the error of 0.3; `value` makes of its value what 0.3 has. */
function method(name: string, value: (of: never) => unknown = (same) => same): HostFunction<Guest> {
  const call = callOf(name);
  return waiting((guest: Guest, ...args: readonly unknown[]) =>
    andThen(call(guest, ...args) as Result<never, ErrorCode>, (answer) =>
      answer.tag === 'ok' ? ok(value(answer.val)) : err(codeOf(answer.val)),
    ),
  );
}

const UNCHANGED = [
  'advise',
  'sync-data',
  'get-flags',
  'set-size',
  'set-times',
  'sync',
  'create-directory-at',
  'set-times-at',
  'link-at',
  'open-at',
  'readlink-at',
  'remove-directory-at',
  'rename-at',
  'symlink-at',
  'unlink-file-at',
  'metadata-hash',
  'metadata-hash-at',
];

const statOf = (stat: DescriptorStat): unknown => ({ ...stat, type: typeOf(stat.type) });

/** A function of 0.2 that gives a stream. */
function opener<T>(name: string): (guest: Guest, ...args: readonly unknown[]) => Result<T, ErrorCode> {
  const call = callOf(name);
  return (guest, ...args) => call(guest, ...args) as Result<T, ErrorCode>;
}

const openToRead = opener<InputStream>('read-via-stream');
const openToWrite = opener<OutputStream>('write-via-stream');
const openToAppend = opener<OutputStream>('append-via-stream');
const openDirectory = opener<DirectoryEntryStream>('read-directory');

const failed = (code: ErrorCode): FutureReader<End> => FutureReader.from<End>(err(codeOf(code)));

function write(opened: Result<OutputStream, ErrorCode>, bytes: StreamReader): FutureReader<End> {
  if (opened.tag === 'err') {
    bytes[Symbol.dispose]();
    return failed(opened.val);
  }
  return FutureReader.from<End>(writeAll(bytes, opened.val, streamCode));
}

/** Entries that are read at once: each is a call of the kernel in this thread. */
const MOST_ENTRIES = 64;

function readEntries(
  opened: Result<DirectoryEntryStream, ErrorCode>,
): [StreamReader<readonly unknown[]>, FutureReader<End>] {
  if (opened.tag === 'err') {
    return [StreamReader.from<readonly unknown[]>({ read: () => undefined }), failed(opened.val)];
  }
  const entries = opened.val;
  const { promise, resolve } = Promise.withResolvers<End>();
  const end = (how: End): undefined => {
    resolve(how);
    entries[Symbol.dispose]();
  };
  const reader = StreamReader.from<readonly unknown[]>({
    read(most) {
      const read: unknown[] = [];
      try {
        for (let next = entries.next(); next !== undefined; next = entries.next()) {
          read.push(entryOf(next));
          if (read.length === Math.min(most, MOST_ENTRIES)) {
            return read;
          }
        }
      } catch (error) {
        return end(err(codeOf(errorCodeOf(error))));
      }
      // The end is found again, and told then.
      return read.length > 0 ? read : end(ok(undefined));
    },
    close: () => end(ok(undefined)),
  });
  return [reader, FutureReader.from(promise)];
}

const entryOf = ({ type, name }: DirectoryEntry): unknown => ({ type: typeOf(type), name });

export const asyncTypes: HostInterface<Guest> = {
  resources: { descriptor: Descriptor },
  functions: {
    ...Object.fromEntries(UNCHANGED.map((name) => [`[method]descriptor.${name}`, method(name)])),
    '[method]descriptor.get-type': method('get-type', typeOf),
    '[method]descriptor.stat': method('stat', statOf),
    '[method]descriptor.stat-at': method('stat-at', statOf),
    '[method]descriptor.is-same-object': waiting((guest: Guest, ...args: readonly unknown[]) =>
      callOf('is-same-object')(guest, ...args),
    ),
    '[method]descriptor.read-via-stream': plain((guest: Guest, self: Descriptor, offset: bigint) => {
      const opened = openToRead(guest, self, offset);
      return opened.tag === 'ok' ? readable(opened.val, streamCode) : [noBytes(), failed(opened.val)];
    }),
    '[method]descriptor.write-via-stream': plain(
      (guest: Guest, self: Descriptor, bytes: StreamReader, offset: bigint) =>
        write(openToWrite(guest, self, offset), bytes),
    ),
    '[method]descriptor.append-via-stream': plain((guest: Guest, self: Descriptor, bytes: StreamReader) =>
      write(openToAppend(guest, self), bytes),
    ),
    '[method]descriptor.read-directory': plain((guest: Guest, self: Descriptor) =>
      readEntries(openDirectory(guest, self)),
    ),
  },
};
