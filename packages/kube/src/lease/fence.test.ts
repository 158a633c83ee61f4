import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import type { AnswerRequest, Transport } from '../transport/types.ts';
import { fencedTransport } from './fence.ts';
import { Term } from './leadership.ts';

function world(): { term: Term; clock: FakeClock; seen: AnswerRequest[]; fenced: Transport } {
  const clock = new FakeClock();
  const term = new Term(clock, 10_000, clock.now(), () => undefined);
  const seen: AnswerRequest[] = [];
  const behind: Transport = {
    request: async (request) => {
      seen.push(request);
      return { status: 200, body: {} };
    },
    stream: () => Promise.reject(new Error('streamed')),
    close: () => Promise.resolve(),
  };
  return { term, clock, seen, fenced: fencedTransport(behind, term) };
}

describe('19: a fenced transport', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('refuses a %s when the term is over', async (method) => {
    const { clock, seen, fenced } = world();
    await clock.advance(9_999);
    await fenced.request({ method, path: '/' });
    await clock.advance(1);
    await expect(fenced.request({ method, path: '/' })).rejects.toMatchObject({ name: 'NotLeader', retry: 'no' });
    expect(seen).toHaveLength(1);
  });

  it('asks again in the moment of sending', async () => {
    const { clock, seen, fenced } = world();
    await fenced.request({ method: 'PUT', path: '/' });
    seen[0]?.guard?.();
    await clock.advance(10_000);
    expect(() => seen[0]?.guard?.()).toThrow('does not lead');
  });

  it('reads and watches without a term', async () => {
    const { term, seen, fenced } = world();
    term.end('over');
    await fenced.request({ method: 'GET', path: '/' });
    expect(seen).toHaveLength(1);
    await expect(fenced.stream({ method: 'GET', path: '/' })).rejects.toThrow('streamed');
  });

  it('gives a write no longer than the term lasts, and gives it up when that ends', async () => {
    const { term, clock, seen, fenced } = world();
    await clock.advance(4_000);
    const own = new AbortController();
    await fenced.request({ method: 'PUT', path: '/' });
    await fenced.request({ method: 'PUT', path: '/', deadlineMs: 100, signal: own.signal });
    expect(seen.map(({ deadlineMs }) => deadlineMs)).toEqual([6_000, 100]);
    term.end('over');
    expect(seen.map(({ signal }) => signal?.reason.message)).toEqual(['over', 'over']);
  });

  it('writes again for as long as the term is renewed', async () => {
    const { term, clock, fenced } = world();
    await clock.advance(9_000);
    term.renewed(clock.now());
    await clock.advance(9_000);
    await expect(fenced.request({ method: 'PUT', path: '/' })).resolves.toMatchObject({ status: 200 });
  });
});
