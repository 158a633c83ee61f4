import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorityOf, parseTarget, usableHost } from './request-target.ts';

describe('the target of a request', () => {
  it.each([
    ['/a?b=c', undefined, '/a?b=c', '/a'],
    ['/a?', undefined, '/a?', '/a'],
    ['/a#frag', undefined, '/a', '/a'],
    ['//a', undefined, '//a', '//a'],
    ['/a/../b', undefined, '/a/../b', '/a/../b'],
    ['*', undefined, '*', '*'],
    ['http://h:80/a?b', 'h:80', '/a?b', '/a'],
    ['http://h', 'h', '/', '/'],
    ['http://h?q', 'h', '/?q', '/'],
  ])('%s is split without being changed', (target, authority, pathWithQuery, path) => {
    expect(parseTarget(target)).toEqual({ authority, pathWithQuery, path });
  });

  it('never loses a byte of an origin-form target before the fragment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        const target = `/${text.replaceAll('#', '')}`;
        expect(parseTarget(target).pathWithQuery).toBe(target);
      }),
    );
  });
});

const authority = (target: string, host?: string): string | undefined =>
  authorityOf(parseTarget(target).authority, host);

describe('the authority of a request', () => {
  it('comes from the Host header or from the target', () => {
    expect(authority('/a', 'example.com:8080')).toBe('example.com:8080');
    expect(authority('http://other/a')).toBe('other');
    expect(authority('http://h/a', 'h')).toBe('h');
    expect(authority('/a', '[::1]:80')).toBe('[::1]:80');
  });

  it.each([
    ['no host at all', '/a', undefined],
    ['an empty host', '/a', ''],
    ['a space', '/a', 'a b'],
    ['a slash', '/a', 'a/b'],
    ['a port that is no number', '/a', 'a:b'],
    ['two that differ', 'http://other/a', 'h'],
  ])('does not exist with %s', (_what, target, host) => {
    expect(authority(target, host)).toBeUndefined();
  });

  it('is never a name that only means something inside the app', () => {
    expect(usableHost('hidden.spin.internal')).toBeUndefined();
    expect(usableHost('Hidden.Spin.Internal:80')).toBeUndefined();
    expect(usableHost('spin.internal.example.com')).toBe('spin.internal.example.com');
  });
});
