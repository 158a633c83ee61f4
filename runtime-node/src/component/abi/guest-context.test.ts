import { describe, expect, it } from 'vitest';
import { HostClasses } from './host-classes.ts';
import type { HostResource } from './resource-identity.ts';
import { GuestSide } from './testing/guest-side.ts';

describe('the views of guest memory', () => {
  it('are made anew after the memory has grown', () => {
    const guest = new GuestSide();
    const { bytes, view, text } = guest.cx;
    guest.memory.grow(1);
    expect([bytes.length, text.length]).toEqual([0, 0]);
    expect(() => view.getUint8(0)).toThrow(TypeError);
    expect([guest.cx.bytes.length, guest.cx.view.byteLength, guest.cx.text.length]).toEqual([
      131_072, 131_072, 131_072,
    ]);
  });

  it('are the same objects as long as it has not', () => {
    const { cx } = new GuestSide();
    expect(cx.bytes).toBe(cx.bytes);
    expect(cx.view).toBe(cx.view);
  });
});

describe('allocation in the guest', () => {
  it.each([
    ['not aligned as asked', 18, /realloc return: pointer not aligned to 4/],
    ['out of bounds', 65_532, /realloc return: pointer\/length out of bounds/],
    ['negative', -8, /realloc return: pointer\/length out of bounds/],
  ])('traps when the address is %s', (_what, pointer, message) => {
    const { cx } = new GuestSide({ realloc: () => pointer });
    expect(() => cx.allocate(8, 4)).toThrow(message);
  });

  it('keeps the guest from calling out while it runs', () => {
    const allowed: boolean[] = [];
    const guest: GuestSide = new GuestSide({ realloc: () => (allowed.push(guest.cx.instance.mayLeave), 32) });
    guest.cx.allocate(8, 4);
    expect([...allowed, guest.cx.instance.mayLeave]).toEqual([false, true]);
  });

  it('leaves the instance closed when it traps', () => {
    const guest = new GuestSide({
      realloc: () => {
        throw new WebAssembly.RuntimeError('unreachable');
      },
    });
    expect(() => guest.cx.allocate(8, 4)).toThrow('unreachable');
    expect(guest.cx.instance.mayLeave).toBe(false);
    expect(() => guest.cx.allocate(8, 4)).toThrow('cannot enter component instance');
  });
});

describe('a function at the core ABI', () => {
  class Stream {
    readonly open = true;
  }
  class FileStream extends Stream {}
  const stream: HostResource = { origin: 'host', name: 'stream', hostClass: Stream };
  const hostClasses = new HostClasses([stream]);

  it('finds and makes handles by the class of the object, or of one that it extends', () => {
    const { cx } = new GuestSide({ hostClasses });
    const file = new FileStream();
    expect(cx.resource(cx.insert(file), Stream)).toBe(file);
    expect(cx.resource(cx.insert(new FileStream()), FileStream)).toBeInstanceOf(FileStream);
  });

  it('cannot make a handle for an object whose class is of no resource', () => {
    const { cx } = new GuestSide({ hostClasses });
    expect(() => cx.insert(new Map())).toThrow('an object of class Map is of no resource type that the guest imports');
  });

  it('reads and writes strings in the encoding of the caller', () => {
    const { cx } = new GuestSide({ encoding: 'utf16' });
    cx.writeString('añ', 64);
    const [pointer, length] = [cx.view.getUint32(64, true), cx.view.getUint32(68, true)];
    expect(length).toBe(2);
    expect(cx.readString(pointer, length)).toBe('añ');
    // As wasm passes an address above two gigabytes.
    expect(() => cx.readString(-2, length)).toThrow(/out of bounds/);
  });
});
