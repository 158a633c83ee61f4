import { beforeEach, describe, expect, it } from 'vitest';
import { HandleTable, MAX_LIVE_HANDLES, sharedHandles } from './handles.ts';
import type { GuestDefinedResource, HostResource } from './resource-identity.ts';

class Stream {
  readonly open = true;
}
class FileStream extends Stream {}
class Other {
  readonly other = true;
}

const stream: HostResource = { origin: 'host', name: 'test:io/stream', hostClass: Stream };
const other: HostResource = { origin: 'host', name: 'test:io/other', hostClass: Other };
const counter: GuestDefinedResource = { origin: 'guest', name: 'counter', instance: 0, destructor: null };

let table: HandleTable;
beforeEach(() => {
  table = new HandleTable(sharedHandles());
});

describe('a handle table', () => {
  it('counts from 1 and gives freed numbers out again, the last freed first', () => {
    expect([1, 2, 3].map(() => table.insertOwn(counter, 0))).toEqual([1, 2, 3]);
    table.drop(1, counter);
    table.drop(3, counter);
    expect([1, 2, 3].map(() => table.insertOwn(counter, 0))).toEqual([3, 1, 4]);
  });

  it('shares its numbers between all resource types', () => {
    expect([table.insertOwn(counter, 0), table.insertOwn(stream, new Stream())]).toEqual([1, 2]);
  });

  it.each([0, 1, 2, -1, 0xffff_ffff])('traps on number %d that it never gave out', (index) => {
    expect(() => table.rep(index, counter)).toThrow(`unknown handle index ${index >>> 0}`);
  });

  it('traps on a handle that was dropped', () => {
    const handle = table.insertOwn(counter, 7);
    table.drop(handle, counter);
    expect(() => table.drop(handle, counter)).toThrow('unknown handle index 1');
  });

  it('traps on a handle of another type, naming both', () => {
    const handle = table.insertOwn(stream, new Stream());
    expect(() => table.takeOwn(handle, other)).toThrow(
      'handle index 1 used with the wrong type, expected test:io/other but found test:io/stream',
    );
    expect(() => table.lend(handle, counter)).toThrow(/expected counter but found test:io\/stream/);
  });

  it('holds no more than the limit, and dropping makes room', () => {
    for (let i = 0; i < MAX_LIVE_HANDLES; i++) {
      table.insertOwn(counter, i);
    }
    expect(() => table.insertOwn(counter, 0)).toThrow(`the handles limit of ${MAX_LIVE_HANDLES} was reached`);
    table.drop(5, counter);
    expect(table.insertOwn(counter, 0)).toBe(5);
  });
});

describe('an owning handle', () => {
  it('is gone once it was passed on', () => {
    const handle = table.insertOwn(counter, 7);
    expect(table.takeOwn(handle, counter)).toBe(7);
    expect(() => table.rep(handle, counter)).toThrow(/unknown handle/);
  });

  it('can be neither dropped nor passed on while it is lent, and both again afterwards', () => {
    const handle = table.insertOwn(counter, 7);
    const mark = table.beginLends();
    expect(table.lend(handle, counter)).toBe(7);
    expect(() => table.drop(handle, counter)).toThrow(/while it is borrowed/);
    expect(() => table.takeOwn(handle, counter)).toThrow(/while it is borrowed/);
    table.endLends(mark);
    expect(table.takeOwn(handle, counter)).toBe(7);
  });

  it('stays lent until the last of several calls has ended', () => {
    const handle = table.insertOwn(counter, 7);
    const outer = table.beginLends();
    table.lend(handle, counter);
    const inner = table.beginLends();
    table.lend(handle, counter);
    table.endLends(inner);
    expect(() => table.drop(handle, counter)).toThrow(/while it is borrowed/);
    table.endLends(outer);
    expect(table.drop(handle, counter).own).toBe(true);
  });
});

describe('a borrowed handle', () => {
  it('is counted until it is dropped', () => {
    const handle = table.insertBorrow(counter, 7);
    expect(table.borrowed).toBe(1);
    expect(table.drop(handle, counter)).toMatchObject({ own: false, rep: 7 });
    expect(table.borrowed).toBe(0);
  });

  it('cannot be passed as own, but lent further', () => {
    const handle = table.insertBorrow(counter, 7);
    expect(() => table.takeOwn(handle, counter)).toThrow('handle index 1 is a borrow and cannot be passed as own');
    expect(table.lend(handle, counter)).toBe(7);
    expect(() => table.drop(handle, counter)).toThrow(/while it is borrowed/);
  });
});

describe('a host object in the table', () => {
  it('is found by its class or one above it', () => {
    const file = new FileStream();
    const handle = table.insertOwn(stream, file);
    expect(table.object(handle, Stream)).toBe(file);
    expect(table.object(handle, FileStream)).toBe(file);
    expect(() => table.object(handle, Other)).toThrow(/expected Other but found test:io\/stream/);
  });

  it('leaves the table when it is taken, unless it is only borrowed', () => {
    const owned = table.insertOwn(stream, new Stream());
    const borrowed = table.insertBorrow(stream, new Stream());
    table.takeOwn(owned, stream);
    expect(() => table.object(owned, Stream)).toThrow(/unknown handle/);
    expect(() => table.takeOwn(borrowed, stream)).toThrow(/is a borrow/);
  });

  it('is not mistaken for the representation of a guest resource', () => {
    const handle = table.insertOwn(counter, 7);
    expect(() => table.object(handle, Stream)).toThrow(/expected Stream but found counter/);
  });

  it('is drained with its place in the order, unless it was borrowed or moved', () => {
    const [a, b, c] = [new Stream(), new Stream(), new Other()];
    table.insertOwn(stream, a);
    table.takeOwn(table.insertOwn(stream, new Stream()), stream);
    table.insertBorrow(stream, b);
    table.insertOwn(other, c);
    table.insertOwn(counter, 9);
    expect(table.drain()).toEqual([
      { object: a, sequence: 0 },
      { object: c, sequence: 3 },
    ]);
    expect(table.drain()).toEqual([]);
    expect(table.borrowed).toBe(0);
  });
});
