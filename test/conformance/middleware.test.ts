// HTTP middleware: components that a trigger puts round its own, outermost first, each with what it inherits of the
// component's grants (spin-contract.md §1.6).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask } from './client.ts';
import { serveComponents, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  const [sp3, m3] = await Promise.all(['sp3', 'm3'].map(fixturePath));
  const middleware = (...inherits: readonly string[]): string =>
    `dependencies.middleware = [${inherits
      .map((inherit) => `{ path = ${JSON.stringify(m3)}, inherit_configuration = ${inherit} }`)
      .join(', ')}]`;
  served = await serveComponents(
    [
      { id: 'guarded', route: '/guarded/...', source: sp3 ?? '', trigger: middleware('true') },
      { id: 'denied', route: '/denied/...', source: sp3 ?? '', trigger: middleware('false') },
      { id: 'thrice', route: '/thrice/...', source: sp3 ?? '', trigger: middleware('true', 'false', 'true') },
    ],
    { component: 'key_value_stores = ["default"]' },
  );
});

afterAll(() => served?.stop());

/** What the outermost has said of the answer. */
const markOf = async (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
  (await ask(served.port, path, { headers })).headers?.['x-middleware'];

describe('middleware', () => {
  it('goes round the component', async () => {
    expect(await ask(served.port, '/guarded/state')).toMatchObject({
      status: 404,
      headers: { 'x-middleware': 'passed' },
      body: 'no such path\n',
    });
  });

  it('answers in its place', async () => {
    expect(await ask(served.port, '/guarded/', { headers: { 'x-deny': '1' } })).toMatchObject({
      status: 403,
      body: 'denied\n',
    });
  });

  it('may use what it inherits', async () => {
    const first = Number(await markOf('/guarded/', { 'x-count': '1' }));
    expect(first).toBeGreaterThan(0);
    expect(Number(await markOf('/guarded/', { 'x-count': '1' }))).toBe(first + 1);
  });

  it('may not use what it does not', async () => {
    expect((await ask(served.port, '/denied/', { headers: { 'x-count': '1' } })).status).toBe(500);
    expect(served.errors.at(-1)).toContain('spin:key-value/key-value@3.0.0');
    expect(await ask(served.port, '/denied/')).toMatchObject({ headers: { 'x-middleware': 'passed' } });
  });

  it('may be several', async () => {
    expect(await ask(served.port, '/thrice/')).toMatchObject({ headers: { 'x-middleware': 'passed' } });
  });

  it('serves many at once', async () => {
    const marks = await Promise.all(Array.from({ length: 30 }, () => markOf('/thrice/')));
    expect(new Set(marks)).toEqual(new Set(['passed']));
  });
});
