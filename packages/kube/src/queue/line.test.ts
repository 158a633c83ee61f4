import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Line } from './line.ts';

it('gives its items in the order of their coming, without those that have left, however many', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 2_000, maxLength: 6_000 }), (leaves) => {
      const line = new Line<number>();
      const left = new Set<number>();
      for (const [item, isLeaving] of leaves.entries()) {
        line.push(item);
        if (isLeaving) {
          left.add(item);
        }
      }
      const given: number[] = [];
      for (;;) {
        const first = line.first((item) => !left.has(item));
        if (first === undefined) {
          break;
        }
        given.push(first);
        left.add(first);
      }
      expect(given).toEqual([...leaves.keys()].filter((item) => leaves[item] === false));
      line.push(-1);
      expect(line.first(() => true)).toBe(-1);
    }),
    { numRuns: 20 },
  );
});
