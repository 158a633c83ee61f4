import { assert, array, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { pooled } from './pool.ts';

/** Gives numbers that never come again, four bytes each, and counts its calls. */
function numbers(): { fill: (bytes: Uint8Array) => void; calls: () => number } {
  let next = 1;
  let calls = 0;
  return {
    calls: () => calls,
    fill: (bytes) => {
      calls += 1;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        view.setUint32(at, next);
        next += 1;
      }
    },
  };
}

it('gives no byte twice, whatever is asked for', () => {
  assert(
    property(array(integer({ min: 1, max: 150 }), { maxLength: 200 }), (words) => {
      const { fill } = numbers();
      const random = pooled(fill);
      const seen = new Set<number>();
      let asked = 0;
      for (const count of words) {
        const bytes = new Uint8Array(count * 4);
        random(bytes);
        const view = new DataView(bytes.buffer);
        for (let at = 0; at < bytes.length; at += 4) {
          seen.add(view.getUint32(at));
          asked += 1;
        }
      }
      expect(seen.size).toBe(asked);
      expect(seen.has(0)).toBe(false);
    }),
  );
});

it('asks the generator once for many small requests', () => {
  const { fill, calls } = numbers();
  const random = pooled(fill);
  for (let i = 0; i < 256; i += 1) {
    random(new Uint8Array(16));
  }
  expect(calls()).toBe(1);
});
