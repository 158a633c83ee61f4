// A transport that writes only while this process leads: a write is refused when the term has run out, may not take longer
// than what is left of it, and is given up when it ends.
import type { AnswerRequest, ApiAnswer, Transport } from '../transport/types.ts';
import { NotLeader, type Leadership } from './leadership.ts';

export function fencedTransport(transport: Transport, leadership: Leadership): Transport {
  return {
    async request(request: AnswerRequest): Promise<ApiAnswer> {
      if (request.method === 'GET') {
        return transport.request(request);
      }
      const { signal, deadlineMs = Infinity } = request;
      const guard = (): void => {
        if (!leadership.isHeld()) {
          throw new NotLeader('this process does not lead: nothing is written');
        }
        request.guard?.();
      };
      guard();
      return transport.request({
        ...request,
        signal: signal === undefined ? leadership.signal : AbortSignal.any([signal, leadership.signal]),
        deadlineMs: Math.min(deadlineMs, leadership.remainingMs()),
        // Once more when it goes out: the process may be paused in between.
        guard,
      });
    },
    stream: (request) => transport.stream(request),
    close: () => transport.close(),
  };
}
