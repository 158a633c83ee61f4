import { describe, expect, it } from 'vitest';
import { GuestResource } from './guest-resource.ts';
import type { GuestDefinedResource, HostResource } from './resource-identity.ts';
import { borrowOf, ownOf } from './resources.ts';
import type { CoreValue } from './core-types.ts';
import type { Codec } from './codec.ts';
import { GuestSide } from './testing/guest-side.ts';

class Stream {
  readonly open = true;
}

const stream: HostResource = { origin: 'host', name: 'test:io/stream', hostClass: Stream };
const counter: GuestDefinedResource = { origin: 'guest', name: 'counter', instance: 1, destructor: null };
const gauge: GuestDefinedResource = { origin: 'guest', name: 'gauge', instance: 1, destructor: null };

const lower = (codec: Codec, guest: GuestSide, value: unknown): number => {
  const flat: CoreValue[] = [];
  codec.lower(guest.cx, value, flat, 0);
  return Number(flat[0]);
};
const lift = (codec: Codec, guest: GuestSide, handle: number): unknown => codec.lift(guest.cx, [handle], 0);

describe('a host resource', () => {
  it('is owned by the guest until the guest passes it on', () => {
    const guest = new GuestSide();
    const object = new Stream();
    const handle = lower(ownOf(stream), guest, object);
    expect(lift(borrowOf(stream), guest, handle)).toBe(object);
    guest.cx.instance.handles.endLends(0);
    expect(lift(ownOf(stream), guest, handle)).toBe(object);
    expect(() => lift(ownOf(stream), guest, handle)).toThrow(/unknown handle index 1/);
  });

  it('is lent when the guest passes it as borrow', () => {
    const guest = new GuestSide();
    const handle = lower(ownOf(stream), guest, new Stream());
    lift(borrowOf(stream), guest, handle);
    expect(() => lift(ownOf(stream), guest, handle)).toThrow(/while it is borrowed/);
  });

  it('is counted as a borrow when the host passes it as one', () => {
    const guest = new GuestSide();
    lower(borrowOf(stream), guest, new Stream());
    expect(guest.cx.instance.handles.borrowed).toBe(1);
  });

  it.each([undefined, {}, 1])('is refused when it is of another class: %j', (value) => {
    const guest = new GuestSide();
    expect(() => lower(ownOf(stream), guest, value)).toThrow(/expected a test:io\/stream as an instance of Stream/);
    expect(() => lower(borrowOf(stream), guest, value)).toThrow(/expected a test:io\/stream as an instance of Stream/);
  });

  it('is stored and loaded as a handle of four bytes', () => {
    const guest = new GuestSide();
    const object = new Stream();
    ownOf(stream).store(guest.cx, 64, object);
    expect(guest.cx.view.getUint32(64, true)).toBe(1);
    expect(ownOf(stream).load(guest.cx, 64)).toBe(object);
  });
});

describe('a resource of the guest', () => {
  it('comes to the outside as an opaque object that can be given back once', () => {
    const guest = new GuestSide({ instance: 1 });
    const handle = guest.cx.instance.handles.insertOwn(counter, 77);
    const resource = lift(ownOf(counter), guest, handle) as GuestResource;
    expect(resource.typeName).toBe('counter');
    expect(lower(ownOf(counter), guest, resource)).toBe(1);
    expect(guest.cx.instance.handles.rep(1, counter)).toBe(77);
    expect(() => lower(ownOf(counter), guest, resource)).toThrow(/was already given away or dropped/);
    expect(() => lower(borrowOf(counter), guest, resource)).toThrow(/was already given away or dropped/);
  });

  it('is borrowed as its representation by the instance that defines it, and as a handle by others', () => {
    const home = new GuestSide({ instance: 1 });
    const resource = lift(ownOf(counter), home, home.cx.instance.handles.insertOwn(counter, 77));
    expect(lower(borrowOf(counter), home, resource)).toBe(77);
    expect(home.cx.instance.handles.borrowed).toBe(0);

    const other = new GuestSide({ instance: 2 });
    const elsewhere = new GuestResource(other.cx.owner, counter, 78, 'owned');
    expect(lower(borrowOf(counter), other, elsewhere)).toBe(1);
    expect(other.cx.instance.handles.borrowed).toBe(1);
    expect(other.cx.instance.handles.rep(1, counter)).toBe(78);
  });

  it('cannot be given away by who has it borrowed', () => {
    const guest = new GuestSide({ instance: 1 });
    const handle = guest.cx.instance.handles.insertOwn(counter, 77);
    const resource = lift(borrowOf(counter), guest, handle);
    expect(() => lower(ownOf(counter), guest, resource)).toThrow(/is borrowed and cannot be passed as own/);
  });

  it('is refused by another type, by another instance, and when it is something else', () => {
    const guest = new GuestSide({ instance: 1 });
    const resource = lift(ownOf(counter), guest, guest.cx.instance.handles.insertOwn(counter, 77));
    expect(() => lower(ownOf(gauge), guest, resource)).toThrow(
      'resource of type counter used where gauge of this instance is expected',
    );
    expect(() => lower(ownOf(counter), new GuestSide({ instance: 1 }), resource)).toThrow(/of this instance/);
    expect(() => lower(ownOf(counter), guest, 77)).toThrow('expected a counter of the guest, got 77');
  });

  it('is destroyed once, when its owner disposes it', () => {
    const destroyed: unknown[] = [];
    const owner = {
      generation: 0,
      destroy: (type: GuestDefinedResource, rep: unknown) => destroyed.push([type.name, rep]),
      arrived: () => undefined,
      failed: () => undefined,
    };
    const owned = new GuestResource(owner, counter, 5, 'owned');
    owned[Symbol.dispose]();
    owned[Symbol.dispose]();
    new GuestResource(owner, counter, 6, 'borrowed')[Symbol.dispose]();
    const moved = new GuestResource(owner, counter, 7, 'owned');
    moved.move(owner, counter);
    moved[Symbol.dispose]();
    expect(destroyed).toEqual([['counter', 5]]);
  });
});
