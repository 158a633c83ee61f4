import { describe, expect, it } from 'vitest';
import { debugChain, debugOption, debugString } from './debug.ts';

describe('text as Rust writes it for programmers', () => {
  it.each([
    ['plain ü€😀', '"plain ü€😀"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["it's\n\r\t\0", '"it\'s\\n\\r\\t\\0"'],
    ['\u0007\u200b\u00a0', '"\\u{7}\\u{200b}\\u{a0}"'],
  ])('%j', (text, expected) => {
    expect(debugString(text)).toBe(expected);
  });

  it('has options and chains of causes', () => {
    expect([debugOption(undefined), debugOption('x')]).toEqual(['None', 'Some("x")']);
    expect([debugChain('a'), debugChain('a', 'b'), debugChain('a', 'b', 'c')]).toEqual([
      'a',
      'a\n\nCaused by:\n    b',
      'a\n\nCaused by:\n    0: b\n    1: c',
    ]);
  });
});
