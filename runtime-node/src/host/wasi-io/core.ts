// wasi:io at the core ABI: flattened parameters in, results written to the guest's memory. No lists or result objects
// are made, and bytes are copied once. Layouts are those of the canonical ABI for the types in wasi:io's WIT.
import type { CoreBinding, HostFunction } from '../../component/index.ts';
import { allocate, PAIR, place, U32_BYTES, type Shape } from '../core-memory.ts';
import type { Guest } from '../guest.ts';
import { InputStream, OutputStream, Pollable, type StreamError } from '../io/streams.ts';
import {
  block,
  blockingRead,
  blockingWriteAndFlush,
  checkBlockingLength,
  checkBudget,
  checkPollCount,
  lengthOf,
  poll,
  writeChecked,
} from './operations.ts';

type CoreFunction = NonNullable<HostFunction<Guest>['core']>;

/** `result<u64, stream-error>`: discriminant, payload at 8. */
const RESULT_U64 = { size: 16, align: 8, payload: 8 } as const;
/** `result<list<u8>, stream-error>` and `result<_, stream-error>`: discriminant, payload at 4. */
const RESULT_LIST = { size: 12, align: 4, payload: 4 } as const;
const RESULT_UNIT = { size: 12, align: 4, payload: 4 } as const;

const HANDLE_BYTES = 4;
const TWO_TO_32 = 0x1_0000_0000;

export const pollCore = {
  ready: (_guest, binding) =>
    function pollableReady(handle: number): number {
      return binding.resource(handle, Pollable).ready() ? 1 : 0;
    },

  block: (_guest, binding) =>
    function pollableBlock(handle: number) {
      return block(binding.resource(handle, Pollable));
    },

  poll: (_guest, binding) =>
    function pollList(pointer: number, length: number, result: number) {
      const indices = poll(loadPollables(binding, pointer, length >>> 0));
      return indices instanceof Promise
        ? indices.then((list) => storeIndices(binding, result, list))
        : storeIndices(binding, result, indices);
    },
} satisfies Record<string, CoreFunction>;

export const streamsCore = {
  read: (_guest, binding) =>
    function inputStreamRead(handle: number, length: bigint, result: number): void {
      storeBytes(binding, result, binding.resource(handle, InputStream).read(unsignedLength(length)));
    },

  blockingRead: (_guest, binding) =>
    function inputStreamBlockingRead(handle: number, length: bigint, result: number) {
      const bytes = blockingRead(binding.resource(handle, InputStream), unsignedLength(length));
      return bytes instanceof Promise
        ? bytes.then((value) => storeBytes(binding, result, value))
        : storeBytes(binding, result, bytes);
    },

  subscribeInput: (_guest, binding) =>
    function inputStreamSubscribe(handle: number): number {
      return binding.insert(binding.resource(handle, InputStream).subscribe());
    },

  checkWrite: (_guest, binding) =>
    function outputStreamCheckWrite(handle: number, result: number): void {
      storeBudget(binding, result, binding.resource(handle, OutputStream).checkWrite());
    },

  write: (_guest, binding) =>
    function outputStreamWrite(handle: number, pointer: number, length: number, result: number): void {
      const stream = binding.resource(handle, OutputStream);
      const failure = checkBudget(stream, length >>> 0);
      storeUnit(binding, result, failure ?? writeChecked(stream, copyIn(binding, pointer, length)));
    },

  blockingWriteAndFlush: (_guest, binding) =>
    function outputStreamBlockingWriteAndFlush(handle: number, pointer: number, length: number, result: number) {
      const stream = binding.resource(handle, OutputStream);
      checkBlockingLength('blocking-write-and-flush', length >>> 0);
      const done = blockingWriteAndFlush(stream, copyIn(binding, pointer, length));
      return done instanceof Promise
        ? done.then((failure) => storeUnit(binding, result, failure))
        : storeUnit(binding, result, done);
    },

  subscribeOutput: (_guest, binding) =>
    function outputStreamSubscribe(handle: number): number {
      return binding.insert(binding.resource(handle, OutputStream).subscribe());
    },
} satisfies Record<string, CoreFunction>;

/** A copy, since the stream keeps the bytes and the guest's memory changes. */
function copyIn(binding: CoreBinding, pointer: number, length: number): Uint8Array {
  const size = length >>> 0;
  const start = place(binding, pointer, { size, align: 1 });
  return binding.bytes.slice(start, start + size);
}

/** A u64 parameter arrives as a signed i64. */
const unsignedLength = (length: bigint): number => lengthOf(BigInt.asUintN(64, length));

function loadPollables(binding: CoreBinding, pointer: number, count: number): Pollable[] {
  const start = place(binding, pointer, { size: count * HANDLE_BYTES, align: HANDLE_BYTES });
  checkPollCount(count);
  const { view } = binding;
  const pollables: Pollable[] = [];
  for (let index = 0; index < count; index++) {
    pollables.push(binding.resource(view.getInt32(start + index * HANDLE_BYTES, true), Pollable));
  }
  return pollables;
}

function storeBudget(binding: CoreBinding, result: number, budget: number | StreamError): void {
  if (typeof budget !== 'number') {
    storeError(binding, result, RESULT_U64, budget);
    return;
  }
  const at = place(binding, result, RESULT_U64);
  const { view } = binding;
  view.setUint8(at, 0);
  view.setUint32(at + RESULT_U64.payload, budget % TWO_TO_32, true);
  view.setUint32(at + RESULT_U64.payload + U32_BYTES, Math.floor(budget / TWO_TO_32), true);
}

function storeUnit(binding: CoreBinding, result: number, failure: StreamError | undefined): void {
  if (failure === undefined) {
    binding.view.setUint8(place(binding, result, RESULT_UNIT), 0);
  } else {
    storeError(binding, result, RESULT_UNIT, failure);
  }
}

function storeBytes(binding: CoreBinding, result: number, bytes: Uint8Array | StreamError): void {
  if (!(bytes instanceof Uint8Array)) {
    storeError(binding, result, RESULT_LIST, bytes);
    return;
  }
  const pointer = allocate(binding, bytes.length, 1);
  binding.bytes.set(bytes, pointer);
  const at = place(binding, result, RESULT_LIST);
  const { view } = binding;
  view.setUint8(at, 0);
  view.setUint32(at + RESULT_LIST.payload, pointer, true);
  view.setUint32(at + RESULT_LIST.payload + U32_BYTES, bytes.length, true);
}

function storeIndices(binding: CoreBinding, result: number, indices: readonly number[]): void {
  const pointer = allocate(binding, indices.length * U32_BYTES, U32_BYTES);
  const at = place(binding, result, PAIR);
  const { view } = binding;
  for (let index = 0; index < indices.length; index++) {
    view.setUint32(pointer + index * U32_BYTES, indices[index] ?? 0, true);
  }
  view.setUint32(at, pointer, true);
  view.setUint32(at + U32_BYTES, indices.length, true);
}

function storeError(
  binding: CoreBinding,
  result: number,
  shape: Shape & { readonly payload: number },
  error: StreamError,
): void {
  const at = place(binding, result, shape);
  const { view } = binding;
  view.setUint8(at, 1);
  if (error.tag === 'closed') {
    view.setUint8(at + shape.payload, 1);
  } else {
    view.setUint8(at + shape.payload, 0);
    view.setUint32(at + shape.payload + U32_BYTES, binding.insert(error.val), true);
  }
}
