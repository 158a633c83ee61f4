import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { userError } from '../test-support/thrown.ts';
import { parseRoute } from './route-pattern.ts';
import { createRoutingTable, type RoutingTable } from './routing-table.ts';

const tableOf = (...routes: string[]): RoutingTable<string> =>
  createRoutingTable(routes.map((raw, index) => ({ raw, owner: `c${index}`, target: raw })));

/** The route, what its wildcard took, and the captures; all that a match tells. */
function matched(table: RoutingTable<string>, path: string): unknown[] | undefined {
  const match = table.router.match(path);
  return match && [match.route.target, match.pathInfo, ...match.captures.map(({ name, value }) => `${name}=${value}`)];
}

/** The routes that the recording with Spin 4.1 was made with, in the order of its manifest. */
const RECORDED = [
  '/',
  '/exact',
  '/deep/exact',
  '/wild/...',
  '/wild/more/...',
  '/p/:id',
  '/p/:id/x/...',
  '/p/fixed',
  '/:a/:b/end',
  '/dot/:file.json',
  '/sp%20ace',
  '/UPPER',
  '/static',
  '/static/redirect',
  '/static/empty',
];

describe('the router, as Spin was recorded', () => {
  const table = tableOf(...RECORDED);

  it.each([
    ['/', ['/', '']],
    ['/exact', ['/exact', '']],
    ['/exact/', ['/exact', '']],
    ['/exact//', ['/exact', '']],
    ['//exact', ['/exact', '']],
    ['/Exact', undefined],
    ['/deep/exact', ['/deep/exact', '']],
    ['/deep', undefined],
    ['/wild', ['/wild/...', '']],
    ['/wild/', ['/wild/...', '/']],
    ['/wild/a', ['/wild/...', '/a']],
    ['/wild/a/b/', ['/wild/...', '/a/b/']],
    ['/wild//a', ['/wild/...', '//a']],
    ['/wild/more', ['/wild/more/...', '']],
    ['/wild/more/x', ['/wild/more/...', '/x']],
    ['/wild/morex', ['/wild/...', '/morex']],
    ['/p/7', ['/p/:id', '', 'id=7']],
    ['/p/7/', ['/p/:id', '', 'id=7']],
    ['/p/', undefined],
    ['/p/fixed', ['/p/fixed', '']],
    ['/p/fixed/x', ['/p/:id/x/...', '', 'id=fixed']],
    ['/p/7/x', ['/p/:id/x/...', '', 'id=7']],
    ['/p/7/x/y/z', ['/p/:id/x/...', '/y/z', 'id=7']],
    ['/one/two/end', ['/:a/:b/end', '', 'a=one', 'b=two']],
    ['/one/two/end/', ['/:a/:b/end', '', 'a=one', 'b=two']],
    ['/dot/a.json', ['/dot/:file.json', '', 'file=a']],
    ['/dot/a.txt', undefined],
    ['/sp%20ace', ['/sp%20ace', '']],
    ['/UPPER', ['/UPPER', '']],
    ['/upper', undefined],
    ['/none', undefined],
    ['/static', ['/static', '']],
    ['/static/', ['/static', '']],
    ['/wild/../exact', ['/wild/...', '/../exact']],
    ['/wild/./a', ['/wild/...', '/./a']],
    ['/wild/%2e%2e/exact', ['/wild/...', '/%2e%2e/exact']],
    ['/p/a%2Fb', ['/p/:id', '', 'id=a%2Fb']],
    ['/exact;x=1', undefined],
    ['*', undefined],
  ])('%s', (path, expected) => {
    expect(matched(table, path)).toEqual(expected);
  });

  it('lists its routes in the same order', () => {
    expect(table.router.routes.map(({ pattern }) => pattern.path + (pattern.isWildcard ? ' (wildcard)' : ''))).toEqual([
      '/dot/:file.json',
      '',
      '/exact',
      '/sp%20ace',
      '/UPPER',
      '/static',
      '/deep/exact',
      '/p/fixed',
      '/static/redirect',
      '/static/empty',
      '/wild/more (wildcard)',
      '/p/:id',
      '/p/:id/x (wildcard)',
      '/wild (wildcard)',
      '/:a/:b/end',
    ]);
  });
});

describe('precedence', () => {
  it.each([
    [['/...', '/:a', '/x'], '/x', ['/x', '']],
    [['/...', '/:a', '/x'], '/y', ['/:a', '', 'a=y']],
    [['/...', '/:a', '/x'], '/y/z', ['/...', '/y/z']],
    [['/...', '/:a', '/x'], '/', ['/...', '/']],
    [['/...'], '', ['/...', '']],
    [['/...', '/'], '/', ['/', '']],
    [['/one/...', '/one/two/three/...', '/one/two/...'], '/one/two/three/four', ['/one/two/three/...', '/four']],
    [['/a/...', '/a'], '/a', ['/a', '']],
    // A literal from the left goes first, but not at the price of no match.
    [['/a/:x/c', '/:y/b/d', '/...'], '/a/b/c', ['/a/:x/c', '', 'x=b']],
    [['/a/:x/c', '/:y/b/d', '/...'], '/a/b/d', ['/:y/b/d', '', 'y=a']],
    [['/a/:x/c', '/:y/b/d', '/...'], '/a/b/e', ['/...', '/a/b/e']],
    [['/:a/...', '/:b/x'], '/1/x', ['/:b/x', '', 'b=1']],
    [['/:a/...', '/:b/x'], '/1/y', ['/:a/...', '/y', 'a=1']],
    // Dots: literal, then mixtures beginning with a literal, then others, then a whole segment.
    [['/:f', '/:f.js', '/v.:n', '/v.js'], '/v.js', ['/v.js', '']],
    [['/:f', '/:f.js', '/v.:n'], '/v.js', ['/v.:n', '', 'n=js']],
    [['/:f', '/:f.js'], '/a.js', ['/:f.js', '', 'f=a']],
    [['/:f', '/:f.js'], '/a.b.js', ['/:f', '', 'f=a.b.js']],
    [['/:f.js/:x', '/:f/...'], '/a.js/b', ['/:f.js/:x', '', 'f=a', 'x=b']],
    [['/:f.js/x', '/:f/y'], '/a.js/y', ['/:f/y', '', 'f=a.js']],
    [['/:a.:b'], '/x.y.z', ['/:a.:b', '', 'a=x', 'b=y.z']],
    [['/v.:n'], '/v.', undefined],
    [['/:f.json'], '/.json', ['/:f.json', '', 'f=']],
    [['/lib.*'], '/lib.a/b/', ['/lib.*', '/a/b/']],
    [['/lib.*'], '/lib.', ['/lib.*', '']],
    [['/lib.*'], '/lib', undefined],
    // What the path holds between two slashes may be nothing, but only a name takes nothing.
    [['/a/:x/b', '/a/b'], '/a//b', ['/a/:x/b', '', 'x=']],
    [['/a/b'], '/a//b', undefined],
    [['/constructor', '/:x'], '/toString', ['/:x', '', 'x=toString']],
  ])('of %j %s takes %j', (routes, path, expected) => {
    expect(matched(tableOf(...routes), path)).toEqual(expected);
    expect(matched(tableOf(...routes.toReversed()), path)).toEqual(expected);
  });
});

describe('a route', () => {
  it.each([
    ['hello', '/hello', '/hello', false],
    ['/hello/', '/hello', '/hello', false],
    ['/', '', '', false],
    ['', '', '', false],
    ['/...', '/...', '', true],
    ['/*', '/*', '', true],
    ['/a/*', '/a/*', '/a', true],
    ['/a/.../', '/a/...', '/a', true],
    ['/a...', '/a...', '/a...', false],
  ])('%j is based at %j', (raw, based, path, isWildcard) => {
    expect(parseRoute(raw)).toMatchObject({ kind: 'route', route: { based, path, isWildcard } });
  });

  it.each([
    ['/a/:', 'params must be named'],
    ['/:/b', 'params must be named'],
    ['/:a.:', 'params must be named'],
    ['/*all', "since there can only be one wildcard, it doesn't need a name. replace `*all` with `*`"],
    ['/a.*b', "since there can only be one wildcard, it doesn't need a name. replace `*b` with `*`"],
    ['/*/b', 'a wildcard must be the end of the route'],
    ['/a.*/...', 'a wildcard must be the end of the route'],
  ])('%j is refused: %s', (raw, problem) => {
    const error = userError(() => tableOf(raw));
    expect(error.message).toBe(`Error parsing route ${raw} associated with component c0: ${problem}`);
  });
});

describe('routes that are never used', () => {
  it('are those that a later one equals', () => {
    const { duplicates, router } = tableOf('/', '/a/:x', '/a/:y', '/...', '/*', 'b', '/b/');
    expect(duplicates).toEqual([
      { route: '/a/:x', replacedOwner: 'c1', effectiveOwner: 'c2' },
      { route: '/...', replacedOwner: 'c3', effectiveOwner: 'c4' },
      { route: '/b', replacedOwner: 'c5', effectiveOwner: 'c6' },
    ]);
    expect(router.routes.map(({ raw }) => raw)).toEqual(['/', '/b/', '/a/:y', '/*']);
    expect(router.match('/a/1')?.captures).toEqual([{ name: 'y', value: '1' }]);
  });

  it('are those under the well-known prefix', () => {
    expect(tableOf('/.well-known/spin/...', '/.well-known/spin/x').reserved).toEqual([
      '/.well-known/spin/...',
      '/.well-known/spin/x',
    ]);
    expect(tableOf('/.well-known/spindle/...', '/.well-known/spin', '/...').reserved).toEqual([]);
  });
});

const segmentsOf = (route: string): string[] => route.split('/').filter((segment) => segment !== '');

/** Lower is more exact; a route that has ended is the most exact. */
function rank(segment: string | undefined): number {
  const isName = segment?.startsWith(':') === true;
  return segment === undefined ? 0 : segment === '...' ? 4 : !isName ? 1 : segment.includes('.') ? 2 : 3;
}

function expressionOf(route: string): RegExp {
  const segments = segmentsOf(route);
  const rest = segments.at(-1) === '...' ? (segments.length === 1 ? '.*' : '(?:/.*)?') : '';
  const sources = segments
    .filter((segment) => segment !== '...')
    .map((segment) => (segment === ':f.x' ? '[^/.]*\\.x' : segment === ':p' ? '[^/]*' : segment.replace('.', '\\.')));
  return new RegExp(`^${sources.join('/')}${rest}$`);
}

function compareRoutes(one: string, other: string): number {
  const [first, second] = [segmentsOf(one), segmentsOf(other)];
  const at = first.findIndex((segment, index) => rank(segment) !== rank(second[index]));
  return at === -1 ? first.length - second.length : rank(first[at]) - rank(second[at]);
}

/** Every route as a regular expression; of those that match, the one whose segments are the most exact from the left. */
function reference(routes: readonly string[], path: string): string | undefined {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  const candidates = trimmed === '' ? ['/', '/...'].filter((route) => routes.includes(route)) : routes;
  return candidates.filter((route) => expressionOf(route).test(trimmed)).toSorted(compareRoutes)[0];
}

describe('the router', () => {
  it('agrees with a simple one', () => {
    const segment = fc.constantFrom('a', 'b', 'c', 'a.x', ':p', ':f.x');
    const route = fc
      .tuple(fc.array(segment, { maxLength: 4 }), fc.boolean())
      .map(([segments, isWild]) => `/${[...segments, ...(isWild ? ['...'] : [])].join('/')}`);
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', 'a.x', 'd.x', 'e', ''), { maxLength: 5 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(
        fc.uniqueArray(route, { maxLength: 12 }),
        fc.array(path, { minLength: 1, maxLength: 10 }),
        (routes, paths) => {
          const { router } = tableOf(...routes);
          const found = paths.map((one) => router.match(one)?.route.raw);
          expect(found).toEqual(paths.map((one) => reference(routes, one)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives back in captures and path-info what the path held', () => {
    const name = fc.stringMatching(/^[^/]{1,5}$/);
    fc.assert(
      fc.property(
        name,
        name,
        fc.stringMatching(/^[^/]{1,3}(\/[^/]{0,3}){0,3}$/),
        fc.boolean(),
        (one, two, rest, slash) => {
          const { router } = tableOf('/x/:one/:two/...');
          const tail = `/${rest.replace(/\/+$/, '')}${slash ? '/' : ''}`;
          expect(router.match(`/x/${one}/${two}${tail}`)).toMatchObject({
            pathInfo: tail,
            captures: [
              { name: 'one', value: one },
              { name: 'two', value: two },
            ],
          });
        },
      ),
    );
  });

  it('answers for any route and any path', () => {
    const text = fc.string({ unit: fc.constantFrom(...'/:*.ab'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (raw, path) => {
        fc.pre(parseRoute(raw).kind === 'route');
        const match = tableOf(raw).router.match(path);
        expect(match === undefined || match.route.raw === raw).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
