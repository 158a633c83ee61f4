import { AllowedHosts, parseAllowedHost, UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRedisConfig } from './config.ts';
import { parseRedisUrl, targetKey } from './target.ts';

const plain = { tls: false, username: undefined, password: undefined, database: 0 };

describe('the address of a Redis server', () => {
  it.each([
    ['redis://h', { ...plain, host: 'h', port: 6379 }],
    ['redis://H.Example:7000/', { ...plain, host: 'h.example', port: 7000 }],
    ['rediss://h/12', { ...plain, host: 'h', port: 6379, tls: true, database: 12 }],
    ['valkey://h', { ...plain, host: 'h', port: 6379 }],
    ['valkeys://h:1', { ...plain, host: 'h', port: 1, tls: true }],
    ['redis://:p%40ss@h', { ...plain, host: 'h', port: 6379, password: 'p@ss' }],
    ['redis://u:p@h/1?protocol=resp2', { ...plain, host: 'h', port: 6379, username: 'u', password: 'p', database: 1 }],
    ['redis://[::1]:7', { ...plain, host: '::1', port: 7 }],
    ['redis://0x7f.1', { ...plain, host: '127.0.0.1', port: 6379 }],
    ['redis://2130706433', { ...plain, host: '127.0.0.1', port: 6379 }],
    ['redis://0177.0.0.1', { ...plain, host: '127.0.0.1', port: 6379 }],
    ['redis://①②⑦.0.0.1', { ...plain, host: '127.0.0.1', port: 6379 }],
  ])('%s', (address, expected) => {
    expect(parseRedisUrl(address)).toMatchObject(expected);
  });

  it.each([
    '',
    'junk',
    'h:6379',
    'redis:',
    'redis://',
    'redis:///0',
    'http://h',
    'redis+unix:///tmp/x',
    'unix:/tmp/x',
    'redis://h/x',
    'redis://h/-1',
    'redis://h/1/2',
    'redis://h/99999999999',
    'redis://h#insecure',
    'redis://:%zz@h',
    'redis://evil#@good',
    'redis://evil/@good',
    'redis://evil?@good',
    'redis://h:70000',
    'redis://a b',
  ])('is not %j', (address) => {
    expect(parseRedisUrl(address)).toBeUndefined();
  });

  it('leads to the host that the manifest was asked for, whatever is written', () => {
    const good = new AllowedHosts([parseAllowedHost('redis://good.example:6379')]);
    const parts = fc.constantFrom(
      'redis://',
      'good.example',
      'evil.example',
      ':',
      '@',
      '/',
      '#',
      '?',
      '\\',
      '6379',
      '%40',
      '.',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
        const target = parseRedisUrl(pieces.join(''));
        const allowed = target !== undefined && good.allows(target.destination);
        expect(!allowed || (target.host === 'good.example' && target.port === 6379)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is one for connections that can be exchanged, and another with every part', () => {
    const addresses = [
      'redis://h',
      'rediss://h',
      'redis://h:1',
      'redis://h/1',
      'redis://:p@h',
      'redis://u:p@h',
      'redis://i',
    ];
    const keys = addresses.map((address) =>
      targetKey(parseRedisUrl(address) as NonNullable<ReturnType<typeof parseRedisUrl>>),
    );
    expect(new Set(keys).size).toBe(addresses.length);
  });
});

describe('[outbound_redis]', () => {
  it.each([
    [{}, undefined],
    [{ outbound_redis: {} }, undefined],
    [{ outbound_redis: { max_connections: 5 } }, 5],
  ])('%j', (raw, maxConnections) => {
    expect(parseRedisConfig(raw)).toEqual({ maxConnections });
  });

  it.each([
    [{ outbound_redis: 5 }, 'outbound_redis'],
    [{ outbound_redis: { max_connections: -1 } }, 'outbound_redis.max_connections'],
    [{ outbound_redis: { max_connection: 1 } }, 'outbound_redis.max_connection'],
  ])('%j is refused by name', (raw, field) => {
    expect(() => parseRedisConfig(raw)).toThrow(
      expect.objectContaining({ constructor: UserError, place: expect.objectContaining({ field }) }),
    );
  });
});
