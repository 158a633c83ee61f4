// A blob as a stream that is checked while it flows and that survives cut connections: after a failure it goes on
// where it stopped, or reads past what it has when the registry cannot do ranges. The consumer sees one stream.
import { verified } from '../digest.ts';
import { notFound } from '../errors.ts';
import type { Descriptor } from '../types.ts';
import { nextDelay } from './retry.ts';
import type { RegistrySession } from './session.ts';
import { TransportError } from './transport-error.ts';

const MAX_RESUMES = 100; // Each brought data; a connection that drops so often serves nobody.

export function downloadBlob(
  session: RegistrySession,
  descriptor: Descriptor,
  signal: AbortSignal | undefined = session.signal,
): AsyncGenerator<Uint8Array, void, undefined> {
  return verified(resuming(session, descriptor, signal), descriptor, session.where);
}

async function* resuming(
  session: RegistrySession,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { retry } = session.transport;
  let received = 0;
  for (let failures = 0, resumes = 0; ; resumes++) {
    const before = received;
    try {
      for await (const chunk of blobFrom(session, descriptor, received, signal)) {
        received += chunk.byteLength;
        yield chunk;
      }
      if (received >= descriptor.size) {
        return;
      }
      throw new TransportError(`the answer ended after ${received} of ${descriptor.size} bytes`, { retryable: true });
    } catch (error) {
      failures = received > before ? 1 : failures + 1;
      const wait = resumes < MAX_RESUMES ? nextDelay(retry, failures, error) : undefined;
      if (wait === undefined) {
        throw session.explain(error);
      }
      await retry.sleep(wait, signal);
    }
  }
}

/** The blob from an offset on. */
async function* blobFrom(
  session: RegistrySession,
  { digest }: Descriptor,
  offset: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const answer = await session.send({
    method: 'GET',
    target: `/v2/${session.repository}/blobs/${digest}`,
    access: 'pull',
    signal,
    ...(offset === 0 ? {} : { headers: { range: `bytes=${offset}-` } }),
    expect: offset === 0 ? [200, 404] : [200, 206, 404],
  });
  if (answer.status === 404) {
    await answer.discard();
    throw notFound(`blob ${digest}`, session.where);
  }
  const starts = answer.status === 206 ? /^bytes (\d+)-/.exec(answer.headers.get('content-range') ?? '')?.[1] : '0';
  if (starts === undefined || Number(starts) > offset) {
    await answer.discard();
    throw new TransportError('the answer to a range request begins elsewhere', { retryable: true });
  }
  let skip = offset - Number(starts);
  for await (const chunk of answer.body) {
    const rest = chunk.subarray(Math.min(skip, chunk.byteLength));
    skip -= chunk.byteLength - rest.byteLength;
    if (rest.byteLength > 0) {
      yield rest;
    }
  }
}
