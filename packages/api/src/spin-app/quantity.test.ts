import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantityValue } from './quantity.ts';

describe('a quantity', () => {
  it.each([
    ['0', 0n],
    [64, 64n],
    ['128Mi', 134_217_728n],
    ['40M', 40_000_000n],
    ['1.5Gi', 1_610_612_736n],
    ['500m', 1n],
    ['1500m', 2n],
    ['0.1', 1n],
    ['.5Ki', 512n],
    ['5.', 5n],
    ['1e3', 1000n],
    ['12E-1', 2n],
    ['1E', 10n ** 18n],
    ['100n', 1n],
    ['-1.5', -2n],
    ['+2k', 2000n],
    ['9999999E', 2n ** 63n - 1n],
    ['1e999999999', 2n ** 63n - 1n],
    ['1e-999999999', 1n],
    ['0e999999999', 0n],
    [1e21, 2n ** 63n - 1n],
  ])('%s is %d', (text, value) => {
    expect(quantityValue(text)).toBe(value);
  });

  it.each(['', 'big', 'lots', '1 Mi', '1MB', '1mi', 'Mi', '.', '1e', '--1', '1_000', '0x10', '١', '1Mi\n', Number.NaN])(
    '%j is none',
    (text) => {
      expect(quantityValue(text)).toBeUndefined();
    },
  );

  it('of any text is read or is none', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[-+]?[0-9.]{0,20}[numkMGTPEei+-]{0,3}[0-9]{0,9}$/)),
        (text) => {
          expect(['bigint', 'undefined']).toContain(typeof quantityValue(text));
        },
      ),
    );
  });
});
