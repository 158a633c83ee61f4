// What becomes of a guest that fails: a status, or a cut connection once the answer has begun; one line that names the
// component and the reason; and a runtime that serves on (spin-contract.md §3.2 step 6, §3.4).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask, type Answer, type Asked } from './client.ts';
import { serveComponents, type Routed, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  const routes: readonly (readonly [string, string])[] = [
    ['rtrap', '/...'],
    ['rdump', '/dump'],
    ['rnever', '/never'],
    ['renv', '/exit'],
  ];
  const components = routes.map(async ([id, route]): Promise<Routed> => ({ id, route, source: await fixturePath(id) }));
  served = await serveComponents(await Promise.all(components));
});

afterAll(() => served?.stop());

/** The answer, with what was reported and printed meanwhile. */
async function watch(
  path: string,
  asked?: Asked,
): Promise<{ answer: Answer; reported: readonly string[]; printed: string }> {
  const [errors, output] = [served.errors.length, served.output().length];
  const answer = await ask(served.port, path, asked);
  // An answer that is whole or cut has been settled: what is reported is reported before.
  return { answer, reported: served.errors.slice(errors), printed: served.output().slice(output) };
}

const REASONS: Readonly<Record<string, RegExp>> = {
  panic: /unreachable/,
  unreachable: /unreachable/,
  memory: /out of bounds/,
  stack: /stack|out of bounds/,
  table: /table|null function|signature/,
  exit0: /exit with status 0/,
  exit1: /exit with status 1/,
};

describe('a guest that fails before it answers', () => {
  it.each(Object.entries(REASONS))('by %s is answered with 500 and reported once', async (way, reason) => {
    const { answer, reported } = await watch(`/${way}`);
    expect(answer).toMatchObject({ status: 500, headers: { 'content-length': '0' }, body: '' });
    expect(reported).toEqual([expect.stringMatching(/^Error processing request, component rtrap: [^\n]+$/)]);
    expect(reported[0]).toMatch(reason);
    expect((await ask(served.port, '/ok')).body).toBe('ok\n');
  });

  it.each([
    ['/never', 'rnever', 'guest failed to produce a response prior to returning'],
    ['/dump?error=x', 'rdump', "the guest answered with error code internal-error 'x'"],
    ['/exit?ok', 'renv', 'the guest called exit with status 0'],
  ])('at %s is reported with its reason', async (path, component, reason) => {
    const { answer, reported } = await watch(path);
    expect(answer.status).toBe(500);
    expect(reported).toEqual([`Error processing request, component ${component}: ${reason}`]);
  });

  it('leaves its last words in its own output', async () => {
    const { printed, reported } = await watch('/panic');
    expect(printed).toContain('the guest was told to panic');
    expect(reported.join('\n')).not.toContain('the guest was told to panic');
  });

  it('again and again, among others that do not, harms none of them', async () => {
    const paths = Array.from({ length: 60 }, (_, n) => ['/ok', '/panic', '/stack', '/exit1'][n % 4] ?? '');
    const answers = await Promise.all(paths.map((path) => ask(served.port, path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map((path) => (path === '/ok' ? 200 : 500)));
  });
});

describe('a guest that fails within its answer', () => {
  it.each(Object.entries(REASONS))('by %s is cut, and reported once', async (way, reason) => {
    // With a body to read, what the guest writes is sent as it comes.
    const { answer, reported } = await watch(`/after/${way}`, { method: 'POST', body: 'x' });
    expect(answer).toMatchObject({ status: 200, body: 'first part\n', cut: true });
    expect(reported).toEqual([
      expect.stringMatching(/^Component error after response started, component rtrap: [^\n]+$/),
    ]);
    expect(reported[0]).toMatch(reason);
    expect((await ask(served.port, '/ok')).body).toBe('ok\n');
  });

  it.each(Object.entries(REASONS))('by %s is answered with 500 when nothing has been sent yet', async (way, reason) => {
    const { answer, reported } = await watch(`/after/${way}`);
    expect(answer).toMatchObject({ status: 500, headers: { 'content-length': '0' }, body: '' });
    expect(reported).toEqual([expect.stringMatching(/^Error processing request, component rtrap: [^\n]+$/)]);
    expect(reported[0]).toMatch(reason);
  });
});
