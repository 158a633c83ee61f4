// Random requests to a machine: what it is told to do, until it traps or is done.
import * as fc from 'fast-check';
import { OPERATIONS, type Operation } from './shape.ts';

export interface Step {
  readonly operation: Operation;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Where things go wrong if they do: around the ends of pages and of the address space, and at the powers of two. */
const edges = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 65_536), fc.integer({ min: -20, max: 20 }))
  .map(([page, off]) => (page * 65_536 + off) >>> 0);

const numbers = fc.oneof(
  { weight: 3, arbitrary: edges },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 * 65_536 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 }) },
);

const steps: fc.Arbitrary<Step> = fc.record({
  // Few traps: what comes after one is never seen.
  operation: fc.constantFrom(...OPERATIONS, ...OPERATIONS.filter((name) => name !== 'trap')),
  a: numbers,
  b: numbers,
  c: fc.oneof(fc.integer({ min: 0, max: 300_000 }), numbers),
});

export const requests: fc.Arbitrary<readonly Step[]> = fc.array(steps, { minLength: 1, maxLength: 10 });

export const argumentsOf = ({ operation, a, b, c }: Step): [number, number, number, number] => [
  OPERATIONS.indexOf(operation),
  a,
  b,
  c,
];
