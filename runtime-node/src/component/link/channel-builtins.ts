// `canon stream.*` and `future.*`: a guest makes them, reads, writes, calls that off and drops its ends.
import type { CoreSignature } from '../abi/function.ts';
import { Channel } from '../async/channel.ts';
import { BLOCKED } from '../async/events.ts';
import { GuestBuffer } from '../async/guest-buffer.ts';
import { checkType, READABLE, ReadableEnd, WRITABLE, WritableEnd, type ChannelType } from '../async/guest-ends.ts';
import { Trap } from '../host-interface.ts';
import type { ChannelBuiltin, ChannelCancel, ChannelCopy } from '../plan.ts';
import { asyncBuiltin, ended, suspend } from './async-builtins.ts';
import type { Store } from './store.ts';
import type { CompiledTrampoline } from './trampoline.ts';

type Side = 'readable' | 'writable';

const HANDLE_TO_NOTHING: CoreSignature = { params: ['i32'], result: null };

/** `stream.new`, `drop-readable`, `drop-writable` and those of futures. */
export function channelBuiltin(kind: ChannelBuiltin, instance: number, type: ChannelType): CompiledTrampoline {
  if (kind.endsWith('.new')) {
    return asyncBuiltin({ name: kind, instance, signature: { params: [], result: 'i64' } }, (store) => () => {
      const { handles } = store.instance(instance);
      const channel = new Channel();
      const readable = new ReadableEnd(channel, type, store);
      const writable = new WritableEnd(channel, type, store);
      readable.handle = handles.insertOwn(READABLE, readable);
      writable.handle = handles.insertOwn(WRITABLE, writable);
      return BigInt.asIntN(64, (BigInt(writable.handle) << 32n) | BigInt(readable.handle));
    });
  }
  const side = kind.endsWith('drop-readable') ? 'readable' : 'writable';
  return asyncBuiltin({ name: kind, instance, signature: HANDLE_TO_NOTHING }, (store) => (handle) => {
    const end = endAt(store, instance, Number(handle), side, type);
    if (type.kind === 'future' && side === 'writable' && end.state !== 'done') {
      throw new Trap('cannot drop future write end without first writing a value');
    }
    end.drop();
    store.instance(instance).handles.drop(Number(handle), side === 'readable' ? READABLE : WRITABLE);
  });
}

/** `read` and `write`. `sync`: the guest's stack waits until something was copied. */
export function channelCopy(
  kind: ChannelCopy,
  instance: number,
  type: ChannelType,
  { options, sync }: { readonly options: number; readonly sync: boolean },
): CompiledTrampoline {
  const side = kind.endsWith('.read') ? 'readable' : 'writable';
  const signature: CoreSignature = {
    params: type.kind === 'stream' ? ['i32', 'i32', 'i32'] : ['i32', 'i32'],
    result: 'i32',
  };
  return asyncBuiltin({ name: kind, instance, signature, waits: sync }, (store) => {
    const cx = store.context(options);
    return (handle, pointer, length) => {
      const end = endAt(store, instance, Number(handle), side, type);
      const count = type.kind === 'stream' ? Number(length) >>> 0 : 1;
      const answer = end.begin(new GuestBuffer(cx, type.element, Number(pointer) >>> 0, count));
      return answer === BLOCKED && sync ? suspend(store, kind, () => ended(store, end)) : answer | 0;
    };
  });
}

/** `cancel-read` and `cancel-write`. */
export function channelCancel(kind: ChannelCancel, instance: number, type: ChannelType): CompiledTrampoline {
  const side = kind.endsWith('-read') ? 'readable' : 'writable';
  return asyncBuiltin(
    { name: kind, instance, signature: { params: ['i32'], result: 'i32' } },
    (store) => (handle) => endAt(store, instance, Number(handle), side, type).cancel() | 0,
  );
}

function endAt(
  store: Store,
  instance: number,
  handle: number,
  side: Side,
  type: ChannelType,
): ReadableEnd | WritableEnd {
  const { handles } = store.instance(instance);
  const end = side === 'readable' ? handles.object(handle, ReadableEnd) : handles.object(handle, WritableEnd);
  checkType(end, type);
  return end;
}
