// A request's body coming in over node:http (spin-contract.md §3.4, §3.10).
import type { IncomingMessage } from 'node:http';
import { toMilliseconds } from '../../host/http/deadline.ts';
import type { IncomingBody } from '../../host/http/exchange.ts';
import { pairs } from '../../host/http/header-list.ts';
import { ReadableBody } from '../../host/http/readable-body.ts';
import { emptyInputStream } from '../../host/io/ready-made.ts';

/** The body of `request`; one that cannot have content costs no listener. */
export const incomingBody = (request: IncomingMessage): IncomingBody =>
  hasBody(request) ? messageBody(request) : noBody();

/** RFC 9112 §6: a request has a body when one of these two fields is there. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Nothing to come; not shared between requests, since a stream counts the pollables made of it. */
export const noBody = (): IncomingBody => ({
  stream: emptyInputStream(),
  trailers: { ready: () => true, wait: async () => {}, value: () => ({ tag: 'ok', val: null }) },
});

const messageBody = (request: IncomingMessage): IncomingBody =>
  new ReadableBody(request, {
    betweenBytesMs: toMilliseconds(undefined),
    isWhole: () => request.complete,
    trailers: () => (request.rawTrailers.length === 0 ? null : pairs(request.rawTrailers)),
    // The client still waits for its answer: what it sends is read away, so that the connection can serve on.
    cut: () => {},
  });
