import { describe, expect, it } from 'vitest';
import { parseListen, parsePairs } from './options.ts';

describe('--listen', () => {
  it.each([
    ['127.0.0.1:3000', '127.0.0.1', 3000],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['localhost:0', 'localhost', 0],
    ['[::1]:3000', '::1', 3000],
  ])('takes %s', (text, host, port) => {
    expect(parseListen(text)).toEqual({ host, port });
  });

  it.each(['', '3000', 'localhost', 'localhost:', ':3000', '127.0.0.1:65536', '127.0.0.1:x', '::1:3000', 'http://a:1'])(
    'refuses "%s" and says how an address is written',
    (text) => {
      expect(() => parseListen(text)).toThrow(
        expect.objectContaining({ remedy: expect.stringContaining('host:port') }),
      );
    },
  );
});

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
