// own<R> and borrow<R>. A host resource is the instance of its class, a guest's is a GuestResource.
// CanonicalABI.md lift_own, lift_borrow, lower_own, lower_borrow.
import type { Codec } from './codec.ts';
import type { CoreValue } from './core-types.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import { GuestResource } from './guest-resource.ts';
import { HANDLE } from './layout.ts';
import type { HostResource, ResourceIdentity } from './resource-identity.ts';
import { ValueError } from './value-error.ts';

interface HandleMove {
  /** From the guest's handle to the value. */
  readonly lift: (cx: LiftLowerContext, handle: number) => unknown;
  /** From the value to a handle of the guest, or to the representation where the guest defines the resource. */
  readonly lower: (cx: LiftLowerContext, value: unknown) => number;
}

const handleCodec = ({ lift, lower }: HandleMove): Codec => ({
  ...HANDLE,
  usesMemory: false,
  nodes: 1,
  load: (cx, pointer) => lift(cx, cx.view.getUint32(pointer, true)),
  store: (cx, pointer, value) => cx.view.setUint32(pointer, lower(cx, value), true),
  lift: (cx, flat, at) => lift(cx, Number(flat[at])),
  lower: (cx, value, flat: CoreValue[], at) => {
    flat[at] = lower(cx, value);
  },
});

export function ownOf(type: ResourceIdentity): Codec {
  if (type.origin === 'host') {
    return handleCodec({
      lift: (cx, handle) => cx.instance.handles.takeOwn(handle, type),
      lower: (cx, value) => cx.instance.handles.insertOwn(type, hostObject(type, value)),
    });
  }
  return handleCodec({
    lift: (cx, handle) => new GuestResource(cx.owner, type, cx.instance.handles.takeOwn(handle, type), 'owned'),
    lower: (cx, value) => cx.instance.handles.insertOwn(type, guestResource(type.name, value).move(cx.owner, type)),
  });
}

export function borrowOf(type: ResourceIdentity): Codec {
  if (type.origin === 'host') {
    return handleCodec({
      lift: (cx, handle) => cx.instance.handles.lend(handle, type),
      lower: (cx, value) => cx.instance.handles.insertBorrow(type, hostObject(type, value)),
    });
  }
  return handleCodec({
    lift: (cx, handle) => new GuestResource(cx.owner, type, cx.instance.handles.lend(handle, type), 'borrowed'),
    lower: (cx, value) => {
      const rep = guestResource(type.name, value).borrow(cx.owner, type);
      return cx.instance.index === type.instance ? Number(rep) : cx.instance.handles.insertBorrow(type, rep);
    },
  });
}

function hostObject({ hostClass, name }: HostResource, value: unknown): object {
  if (!(value instanceof hostClass)) {
    throw new ValueError(`a ${name} as an instance of ${hostClass.name}`, value);
  }
  return value;
}

function guestResource(name: string, value: unknown): GuestResource {
  if (!(value instanceof GuestResource)) {
    throw new ValueError(`a ${name} of the guest`, value);
  }
  return value;
}
