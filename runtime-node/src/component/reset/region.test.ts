import { describe, expect, it } from 'vitest';
import { loadLibc, type Libc } from '../../ffi/index.ts';
import { MemoryRegion, WASM_PAGE_BYTES } from './region.ts';

const PAGE = 4096;

/** Notes what reaches the system. */
function recorder(address = 0x10_0000n) {
  const calls: (number | bigint | string)[][] = [];
  const note = (...call: (number | bigint | string)[]): true => {
    calls.push(call);
    return true;
  };
  const libc: Libc = {
    pageSize: PAGE,
    addressOf: () => address,
    mapPrivate: (at, bytes, fd, offset) => note('map', at, bytes, fd, offset),
    protect: (at, bytes, access) => note('protect', at, bytes, access),
    advise: (at, bytes, advice) => note('advise', at, bytes, advice),
    createMemoryFile: () => undefined,
    close: () => undefined,
    threadFaults: () => undefined,
  };
  return { libc, calls };
}

const OUTSIDE = [
  { start: -PAGE, end: PAGE },
  { start: 0, end: 2 * WASM_PAGE_BYTES + PAGE },
  { start: 0, end: 2 ** 53 },
  { start: 0, end: Infinity },
  { start: NaN, end: PAGE },
  { start: 0, end: NaN },
  { start: PAGE, end: PAGE },
  { start: 2 * PAGE, end: PAGE },
  { start: 1, end: PAGE },
  { start: 0, end: PAGE + 1 },
  { start: 0.5, end: PAGE },
];

describe('the addresses of a memory', () => {
  it.each(OUTSIDE)('never reach the system for bytes $start to $end', (extent) => {
    const { libc, calls } = recorder();
    const region = new MemoryRegion(libc, new WebAssembly.Memory({ initial: 2 }));
    expect(() => region.protect(extent, 'none')).toThrow(RangeError);
    expect(() => region.advise(extent, 'discard')).toThrow(RangeError);
    expect(() => region.mapPrivate(extent, 3)).toThrow(RangeError);
    expect(calls).toEqual([]);
  });

  it('are those of the bytes that were meant', () => {
    const { libc, calls } = recorder();
    const region = new MemoryRegion(libc, new WebAssembly.Memory({ initial: 2 }));
    region.protect({ start: PAGE, end: 3 * PAGE }, 'none');
    region.mapPrivate({ start: 2 * PAGE, end: 2 * WASM_PAGE_BYTES }, 7);
    expect(calls).toEqual([
      ['protect', 0x10_1000n, 2 * PAGE, 'none'],
      ['map', 0x10_2000n, 2 * WASM_PAGE_BYTES - 2 * PAGE, 7, 2 * PAGE],
    ]);
  });

  it('go as far as the memory has grown', () => {
    const { libc } = recorder();
    const memory = new WebAssembly.Memory({ initial: 0 });
    const region = new MemoryRegion(libc, memory);
    const extent = { start: 0, end: WASM_PAGE_BYTES };
    expect(() => region.protect(extent, 'none')).toThrow(RangeError);
    memory.grow(1);
    expect(region.protect(extent, 'none')).toBe(true);
    expect(region.bytes.buffer).toBe(memory.buffer);
  });

  it.each([
    [0n, 'null'],
    [0x10_0001n, 'not at a page border'],
  ])('are refused when the memory is at %s (%s)', (address) => {
    expect(() => new MemoryRegion(recorder(address).libc, new WebAssembly.Memory({ initial: 1 }))).toThrow(
      'page border',
    );
  });

  it('are refused when the memory has moved', () => {
    const { libc } = recorder();
    let address = 0x10_0000n;
    const memory = new WebAssembly.Memory({ initial: 1 });
    const region = new MemoryRegion({ ...libc, addressOf: () => address }, memory);
    address = 0x20_0000n;
    memory.grow(1);
    expect(() => region.bytes).toThrow('moved');
  });

  it.skipIf(process.platform !== 'linux')('are refused for shared memories', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    expect(() => new MemoryRegion(loadLibc(), memory)).toThrow('shared');
  });
});
