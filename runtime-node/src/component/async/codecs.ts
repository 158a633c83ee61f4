// stream<T> and future<T> as values: the reading end goes from the guest's table to the host or to another guest, or the
// other way. CanonicalABI.md lift_stream, lift_future, lower_stream, lower_future.
import type { Codec } from '../abi/codec.ts';
import { HANDLE } from '../abi/layout.ts';
import type { LiftLowerContext } from '../abi/lift-lower-context.ts';
import { ValueError } from '../abi/value-error.ts';
import { Trap } from '../host-interface.ts';
import type { Batch } from './channel.ts';
import { checkType, READABLE, ReadableEnd, type ChannelType } from './guest-ends.ts';
import { FutureReader, StreamReader } from './host-ends.ts';

export function channelCodec(type: ChannelType): Codec {
  return {
    ...HANDLE,
    usesMemory: false,
    nodes: 1,
    load: (cx, pointer) => lift(cx, type, cx.view.getUint32(pointer, true)),
    store: (cx, pointer, value) => cx.view.setUint32(pointer, lower(cx, type, value), true),
    lift: (cx, flat, at) => lift(cx, type, Number(flat[at])),
    lower: (cx, value, flat, at) => {
      flat[at] = lower(cx, type, value);
    },
  };
}

function lift(cx: LiftLowerContext, type: ChannelType, handle: number): StreamReader<Batch> | FutureReader {
  const { handles } = cx.instance;
  const end = handles.object(handle, ReadableEnd);
  checkType(end, type);
  if (end.state !== 'idle') {
    throw new Trap(`cannot pass on a ${type.kind} that ${end.state === 'copying' ? 'is being read' : 'has ended'}`);
  }
  if (end.inSet) {
    throw new Trap(`cannot pass on a ${type.kind} while it is in a waitable set`);
  }
  handles.takeOwn(handle, READABLE);
  return type.kind === 'stream' ? new StreamReader(end.channel) : new FutureReader(end.channel);
}

function lower(cx: LiftLowerContext, type: ChannelType, value: unknown): number {
  const expected: typeof StreamReader<Batch> | typeof FutureReader =
    type.kind === 'stream' ? StreamReader : FutureReader;
  if (!(value instanceof expected)) {
    throw new ValueError(`a ${type.kind} as a ${expected.name}`, value);
  }
  return insertEnd(cx, new ReadableEnd(value.giveAway(), type, cx.owner));
}

function insertEnd(cx: LiftLowerContext, end: ReadableEnd): number {
  end.handle = cx.instance.handles.insertOwn(READABLE, end);
  return end.handle;
}
