import { expect, test, vi } from 'vitest';
import { DEFAULT_TRANSPORT, exchange } from './transport.ts';

async function* twoChunks(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  yield new Uint8Array(1);
}

/** A registry that has seen enough after the first chunk. */
async function refuseHalfWay(_: unknown, init: RequestInit = {}): Promise<Response> {
  if (init.body instanceof ReadableStream) {
    await init.body.getReader().read();
  }
  return new Response('too large', { status: 413 });
}

test('the deadline of an upload that is answered half-way does not keep the process alive', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const url = new URL('http://127.0.0.1/');
  const request = { method: 'PUT', url, body: { size: 2, open: twoChunks } } as const;
  const answer = await exchange(request, { ...DEFAULT_TRANSPORT, fetch: refuseHalfWay }, undefined);
  await answer.discard();
  expect(answer.status).toBe(413);
  expect(timers.mock.results.length).toBeGreaterThan(0);
  expect(timers.mock.results.filter(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([]);
  timers.mockRestore();
});
