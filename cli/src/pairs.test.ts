import { describe, expect, it } from 'vitest';
import { parsePairs } from './pairs.ts';

describe('a key=value flag', () => {
  it('splits at the first equals sign, and the last of a key wins', () => {
    expect([...parsePairs('--env', ['a=1', 'b=x=y', 'c=', 'a=2'])]).toEqual([
      ['a', '2'],
      ['b', 'x=y'],
      ['c', ''],
    ]);
  });

  it.each(['a', '=a', ''])('refuses "%s"', (pair) => {
    expect(() => parsePairs('--env', [pair])).toThrow("--env must be in the form 'key=value'");
  });
});
