import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extentsOf, nonZeroPages, runsOf } from './extents.ts';

const PAGE = 4096;
const MEGABYTE = 1024 * 1024;

const pageSets = fc.uniqueArray(fc.nat({ max: 20_000 })).map((pages) => pages.toSorted((a, b) => a - b));

describe('the parts of an image', () => {
  it.each([
    { pages: [], extents: [] },
    { pages: [0], extents: [[0, PAGE]] },
    { pages: [1, 2, 5], extents: [[PAGE, 6 * PAGE]] },
    {
      pages: [0, 256, 600],
      extents: [
        [0, 257 * PAGE],
        [600 * PAGE, 601 * PAGE],
      ],
    },
  ])('of pages $pages are $extents', ({ pages, extents }) => {
    expect(extentsOf(pages, PAGE).map(({ start, end }) => [start, end])).toEqual(extents);
  });

  it('cover every page, ascend, are few, and are far apart', () => {
    fc.assert(
      fc.property(pageSets, (pages) => {
        const extents = extentsOf(pages, PAGE);
        expect(extents.length).toBeLessThanOrEqual(8);
        expect(
          pages.every((page) => extents.some(({ start, end }) => start <= page * PAGE && (page + 1) * PAGE <= end)),
        ).toBe(true);
        for (const [index, { start, end }] of extents.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(start - (extents[index - 1]?.end ?? -Infinity)).toBeGreaterThan(MEGABYTE);
        }
      }),
    );
  });

  it('as exact runs are these pages and no other', () => {
    fc.assert(
      fc.property(pageSets, (pages) => {
        const covered = runsOf(pages, PAGE).flatMap(({ start, end }) =>
          Array.from({ length: (end - start) / PAGE }, (_, index) => start / PAGE + index),
        );
        expect(covered).toEqual(pages);
      }),
    );
  });
});

describe('pages that are not zero', () => {
  it('are found by any single byte, also the last', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4 * PAGE - 1 }), fc.integer({ min: 1, max: 255 }), (at, byte) => {
        const bytes = new Uint8Array(4 * PAGE);
        bytes[at] = byte;
        expect(nonZeroPages(bytes, PAGE)).toEqual([Math.floor(at / PAGE)]);
      }),
    );
  });

  it('are looked for among the candidates only', () => {
    const bytes = new Uint8Array(4 * PAGE).fill(1, 0, 2 * PAGE);
    expect(nonZeroPages(bytes, PAGE, [1, 2])).toEqual([1]);
  });
});
