import { describe, expect, it } from 'vitest';
import { parseListen } from './options.ts';

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
