import * as fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import { matchesPattern } from './match.ts';
import { parsePattern, type PatternToken } from './pattern.ts';

const matches = (pattern: string, text: string): boolean => matchesPattern(parsePattern(pattern), text);

describe('the crate’s own examples', () => {
  test.each([
    ['c?t', 'cat', true],
    ['k[!e]tteh', 'kitteh', true],
    ['d*g', 'doog', true],
    ['a*b*c', 'abcd', false],
    ['a*b*c', 'a___b___c', true],
    ['abc*abc*abc', 'abcabcabcabcabcabcabc', true],
    ['abc*abc*abc', 'abcabcabcabcabcabcabca', false],
    ['a*a*a*a*a*a*a*a*a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', true],
    ['a*b[xyz]c*d', 'abxcdbxcddd', true],
    ['some/**/needle.txt', 'some/needle.txt', true],
    ['some/**/needle.txt', 'some/one/two/needle.txt', true],
    ['some/**/needle.txt', 'some/other/notthis.txt', false],
    ['some/**/**/needle.txt', 'some/one/needle.txt', true],
    ['**', 'abcde', true],
    ['**', '', true],
    ['**', '/x/.asdf', true],
    ['**/test', 'one/two/test', true],
    ['**/test', 'test', true],
    ['/**/test', '/one/two/test', true],
    ['/**/test', '/notthis', false],
    ['**/.*', 'abc/.abc', true],
    ['**/.*', 'abc/ab.c', false],
    ['a[0-9]b', 'a5b', true],
    ['a[!0-9]b', 'a5b', false],
    ['a[]]b', 'a]b', true],
    ['a[!]]b', 'a]b', false],
    ['a[a-]b', 'a-b', true],
    ['[?]', '?', true],
    ['[*]', 'x', false],
    ['{a,b}', 'a', false],
    ['a\\*', 'a\\x', true],
    ['ä?', 'ä😀', true],
  ])('%s against %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
});

test('a star, a question mark and a set match slashes too', () => {
  expect(matches('assets/*.map', 'assets/js/app.map')).toBe(true);
  expect(matches('a?b', 'a/b')).toBe(true);
  expect(matches('a[!x]b', 'a/b')).toBe(true);
});

test('a pattern made to backtrack is answered at once', () => {
  // A backtracking matcher needs 2^40 steps here; this test ends only if ours does not backtrack.
  expect(matches(`${'a*'.repeat(40)}b`, 'a'.repeat(4000))).toBe(false);
});

/** A plain backtracking matcher, written from the crate's documentation, slow and obvious. */
function reference(tokens: readonly PatternToken[], text: readonly string[], atStart = true): boolean {
  const [token, ...rest] = tokens;
  if (token === undefined) {
    return text.length === 0;
  }
  const [character, ...remaining] = text;
  if (token.kind === 'anySegments') {
    if (rest.length === 0 || (atStart && reference(rest, text))) {
      return true;
    }
    return character !== undefined && reference(tokens, remaining, character === '/');
  }
  if (token.kind === 'anySequence') {
    return reference(rest, text) || (character !== undefined && reference(tokens, remaining));
  }
  if (character === undefined) {
    return false;
  }
  const fits =
    token.kind === 'anyCharacter' ||
    (token.kind === 'character' && token.character === character) ||
    (token.kind === 'set' &&
      token.ranges.some(([first, last]) => first <= character && character <= last) !== token.negated);
  return fits && reference(rest, remaining);
}

const piece = fc.constantFrom('*', '?', 'a', 'b', '/', '.', '[ab]', '[!a]', '/**/', '[a-b/]');
const anyPattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''));
const anyText = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/', '.'), maxLength: 8 });

function readOrSkip(pattern: string): readonly PatternToken[] {
  try {
    return parsePattern(pattern);
  } catch {
    // expected: joined pieces can make `***` or `a**`; the parser's tests cover them.
    return fc.pre(false) as never;
  }
}

test('it agrees with a backtracking matcher on any pattern', () => {
  fc.assert(
    fc.property(anyPattern, anyText, (pattern, text) => {
      const tokens = readOrSkip(pattern);
      expect(matchesPattern(tokens, text)).toBe(reference(tokens, Array.from(text)));
    }),
    { numRuns: 1000 },
  );
});

test('it agrees with picomatch where both languages are the same', () => {
  // Single segments without brackets; picomatch must be told that a leading dot is nothing special.
  const segment = fc.string({ unit: fc.constantFrom('*', '?', 'a', 'b', '.'), minLength: 1, maxLength: 6 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.'), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(segment, name, (pattern, text) => {
      // For `*.*` alone picomatch has a short cut of its own, in which the last star is not empty.
      fc.pre(pattern !== '*.*' && !pattern.includes('**') && !/^\.+$/.test(text) && !/^\.+[*?.]*$/.test(pattern));
      expect(matches(pattern, text)).toBe(picomatch(pattern, { dot: true, noextglob: true })(text));
    }),
    { numRuns: 500 },
  );
});
