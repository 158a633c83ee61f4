import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksum } from './checksum.ts';

const sumOf = (bytes: readonly number[]): number => checksum(new Uint8Array(bytes));

describe('the checksum', () => {
  it('is one of 32 bits, and the same for the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const sum = checksum(new Uint8Array(bytes));
        expect(sum).toBe(checksum(new Uint8Array(bytes)));
        expect(Number.isInteger(sum) && sum >= 0 && sum <= 0xffff_ffff).toBe(true);
      }),
    );
  });

  it('is another when any one byte is another', () => {
    const change = fc.record({
      bytes: fc.uint8Array({ minLength: 1 }),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(change, ({ bytes, at, by }) => {
        const changed = Uint8Array.from(bytes);
        changed[at % bytes.length] = (changed[at % bytes.length] as number) ^ by;
        expect(checksum(changed)).not.toBe(checksum(new Uint8Array(bytes)));
      }),
    );
  });

  it.each([
    ['a zero more', [0, 0, 0, 0], [0, 0, 0, 0, 0]],
    ['four zeros more', [1, 2, 3, 4], [1, 2, 3, 4, 0, 0, 0, 0]],
    ['nothing and a zero', [], [0]],
    ['words the other way round', [1, 0, 0, 0, 2, 0, 0, 0], [2, 0, 0, 0, 1, 0, 0, 0]],
  ])('tells %s', (_, left, right) => {
    expect(sumOf(left)).not.toBe(sumOf(right));
  });
});
