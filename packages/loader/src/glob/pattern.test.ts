import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLikePattern, parsePattern, PatternError } from './pattern.ts';

describe('a pattern that the crate refuses', () => {
  // Positions are those that Rust's crate `glob` 0.3 reports.
  test.each([
    ['a/**b', 4],
    ['a/bc**', 3],
    ['a/*****', 4],
    ['a/b**c**d', 2],
    ['a**b', 0],
    ['abc[def', 3],
    ['abc[!def', 3],
    ['abc[', 3],
    ['abc[!', 3],
    ['abc[d', 3],
    ['abc[!d', 3],
    ['abc[]', 3],
    ['abc[!]', 3],
  ])('is refused at its position: %s', (pattern, position) => {
    expect(() => parsePattern(pattern)).toThrow(expect.objectContaining({ name: 'PatternError', position }));
  });
});

test('a name without any of the four characters is not a pattern', () => {
  expect(['a.txt', '{a,b}', 'a\\b', '!x', '~'].filter(looksLikePattern)).toEqual([]);
  expect(['a*', 'a?', 'a[', 'a]'].filter((text) => !looksLikePattern(text))).toEqual([]);
});

test('any text is either read or refused with a position inside it', () => {
  const unit = fc.constantFrom('*', '?', '[', ']', '!', '-', '/', 'a', 'é', '😀');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const position = refusedAt(text) ?? 0;
      expect(position).toBeGreaterThanOrEqual(0);
      expect(position).toBeLessThanOrEqual(Array.from(text).length);
    }),
  );
});

function refusedAt(pattern: string): number | undefined {
  try {
    parsePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) {
      return error.position;
    }
    throw error;
  }
}
