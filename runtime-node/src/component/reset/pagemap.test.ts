import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pagemap } from './pagemap.ts';

const PRESENT = 1n << 63n;
const SWAPPED = 1n << 62n;
const FILE = 1n << 61n;
/** Frame numbers and other flags lie below. */
const REST = 0x1fff_ffff_ffff_ffffn;

/** A page map with these entries from `first` on. */
function pagemapOf(first: number, entries: readonly bigint[], reads: number[] = []): Pagemap {
  const bytes = new Uint8Array(BigUint64Array.from(entries).buffer);
  return new Pagemap((target, position) => {
    const from = position - first * 8;
    const part = bytes.subarray(from, from + target.length);
    target.set(part);
    reads.push(part.length);
    return part.length;
  });
}

describe('the page map', () => {
  it.each([
    { name: 'nothing there', entry: REST, isPrivate: false },
    { name: 'a page of the file', entry: PRESENT | FILE | REST, isPrivate: false },
    { name: 'a page of the file that is being moved', entry: SWAPPED | FILE, isPrivate: false },
    { name: 'a written page', entry: PRESENT, isPrivate: true },
    { name: 'a written page with other flags', entry: PRESENT | REST, isPrivate: true },
    { name: 'a written page that is swapped out', entry: SWAPPED | REST, isPrivate: true },
  ])('takes $name for private: $isPrivate', ({ entry, isPrivate }) => {
    expect(pagemapOf(7, [0n, entry, 0n]).privatePages(7, 3, 10)).toEqual(isPrivate ? [1] : []);
  });

  it('is read once for 32 MiB, and in parts beyond', () => {
    const reads: number[] = [];
    const entries = Array.from({ length: 20_000 }, (_, page) => (page % 5000 === 3 ? PRESENT : 0n));
    const pagemap = pagemapOf(1000, entries, reads);
    expect(pagemap.privatePages(1000, 8192, 10)).toEqual([3, 5003]);
    expect(reads).toEqual([65_536]);
    expect(pagemap.privatePages(1000, 20_000, 10)).toEqual([3, 5003, 10_003, 15_003]);
    expect(reads).toHaveLength(4);
  });

  it('is not read on once there are more pages than asked for', () => {
    const reads: number[] = [];
    const entries = Array.from({ length: 20_000 }, () => PRESENT);
    expect(pagemapOf(0, entries, reads).privatePages(0, 20_000, 100).length).toBeGreaterThan(100);
    expect(reads).toHaveLength(1);
  });

  it('finds any set of pages', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 9000 })), (pages) => {
        const entries = Array.from({ length: 9001 }, () => FILE | PRESENT);
        for (const page of pages) {
          entries[page] = PRESENT;
        }
        expect(pagemapOf(5, entries).privatePages(5, 9001, 9001)).toEqual(pages.toSorted((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });

  it('that ends early is an error, not an empty answer', () => {
    expect(() => pagemapOf(0, [PRESENT]).privatePages(0, 2, 10)).toThrow('ends early');
  });
});
