// One Lease as the API server keeps it, for electors under a fake clock: versions, conflicts, and the ways a request can go
// wrong.
import type { Lease } from '../lease/lease.ts';
import { ApiError, TransportError } from '../transport/errors.ts';
import type { AnswerRequest, Transport } from '../transport/types.ts';

/** `lost`: done, but no reply. `hang`: not done, no reply. */
export type Fault = 'ok' | 'refuse' | 'lost' | 'hang';

export class LeaseServer {
  lease: Lease | undefined;
  #version = 0;
  readonly writes: string[] = [];

  write(spec: Lease['spec']): void {
    this.#version += 1;
    this.lease = {
      metadata: { name: 'leader', namespace: 'test', uid: 'u', resourceVersion: String(this.#version) },
      ...(spec === undefined ? {} : { spec }),
    };
  }

  /** As one process reaches it. */
  transport(
    clock: { after(ms: number, task: () => void): () => void },
    fault: (method: string) => Fault = () => 'ok',
  ): Transport {
    return {
      request: async (request) => {
        request.signal?.throwIfAborted();
        const now = fault(request.method);
        if (now === 'refuse') {
          throw new ApiError('unavailable', { status: 503, reason: 'ServiceUnavailable', retry: 'backoff' });
        }
        const answer = now === 'hang' ? undefined : this.#answer(request);
        return now === 'ok' && answer !== undefined ? { status: 200, body: answer } : silence(request, clock);
      },
      // Electors do without a watch.
      stream: () => Promise.reject(new ApiError('forbidden', { status: 403, reason: 'Forbidden', retry: 'backoff' })),
      close: () => Promise.resolve(),
    };
  }

  #answer({ method, body }: AnswerRequest): Lease {
    const sent = body as Lease | undefined;
    if (method === 'POST') {
      if (this.lease !== undefined) {
        throw new ApiError('exists', { status: 409, reason: 'AlreadyExists', retry: 'backoff' });
      }
    } else if (this.lease === undefined) {
      throw new ApiError('not found', { status: 404, reason: 'NotFound', retry: 'backoff' });
    } else if (method === 'GET') {
      return this.lease;
    } else if (sent?.metadata.resourceVersion !== this.lease.metadata.resourceVersion) {
      throw new ApiError('changed', { status: 409, reason: 'Conflict', retry: 'backoff' });
    }
    this.write(sent?.spec);
    this.writes.push(sent?.spec?.holderIdentity ?? '');
    return this.lease as unknown as Lease;
  }
}

function silence(
  { signal, deadlineMs = 30_000 }: AnswerRequest,
  clock: { after(ms: number, task: () => void): () => void },
): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = clock.after(deadlineMs, () => reject(new TransportError('deadline', 'no answer')));
    signal?.addEventListener('abort', () => {
      cancel();
      reject(signal.reason);
    });
  });
}
