import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';

const read = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

const quote = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;

describe('a www-authenticate header', () => {
  test.each<[string, unknown]>([
    ['', []],
    ['Basic', [['basic', {}]]],
    ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:me/app:pull,push"',
      [
        [
          'bearer',
          { realm: 'https://auth.example/token', service: 'registry.example', scope: 'repository:me/app:pull,push' },
        ],
      ],
    ],
    ['BEARER REALM = "x" , Service=plain', [['bearer', { realm: 'x', service: 'plain' }]]],
    [
      'Basic realm="a", Bearer realm="b"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    [
      'Bearer realm="b", Basic',
      [
        ['bearer', { realm: 'b' }],
        ['basic', {}],
      ],
    ],
    [
      'Negotiate YIIJvwYG+/==, Basic realm="a"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    ['Bearer realm="a \\"b\\" \\\\ c"', [['bearer', { realm: 'a "b" \\ c' }]]],
    ['Bearer realm="first", realm="second"', [['bearer', { realm: 'first' }]]],
    [',, Basic realm="a",,', [['basic', { realm: 'a' }]]],
    [
      'Bearer realm="never closed',
      [
        ['bearer', {}],
        ['realm', {}],
      ],
    ],
    ['"', []],
    ['=', []],
  ])('%j is read as challenges', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  test('of any text comes to an end', () => {
    const pieces = fc.array(fc.constantFrom('Bearer ', 'Basic', 'realm', '=', '"', ',', ' ', '\\', 'x', '==', 'é'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((parts) => parts.join('')),
          fc.string(),
        ),
        (header) => {
          expect(Array.isArray(parseChallenges(header))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('is read in time that grows with its length only', () => {
    expect(parseChallenges('Basic, '.repeat(20_000))).toHaveLength(20_000);
    expect(parseChallenges(`Bearer realm="${'\\"'.repeat(100_000)}`).length).toBeLessThan(3);
  });

  test('gives back every value that was quoted into it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (realm, service) => {
        expect(read(`Bearer realm=${quote(realm)}, service=${quote(service)}`)).toEqual([
          ['bearer', { realm, service }],
        ]);
      }),
    );
  });
});
