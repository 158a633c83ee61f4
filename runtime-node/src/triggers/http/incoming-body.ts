// A request's body coming in over the network (spin-contract.md §3.4, §3.10).
import type { Readable } from 'node:stream';
import { toMilliseconds } from '../../host/http/deadline.ts';
import type { IncomingBody } from '../../host/http/exchange.ts';
import { ReadableBody, type ReadableBodyOptions } from '../../host/http/readable-body.ts';
import { emptyInputStream } from '../../host/io/ready-made.ts';
import type { BodyLimits } from './wire-request.ts';

/** Nothing to come; not shared between requests, since a stream counts the pollables made of it. */
export const noBody = (): IncomingBody => ({
  stream: emptyInputStream(),
  trailers: { ready: () => true, wait: async () => {}, value: () => ({ tag: 'ok', val: null }) },
});

export const receivedBody = (
  source: Readable,
  { bytes, onTooLarge, quietMs, isStalled, onTooSlow }: BodyLimits,
  protocol: Pick<ReadableBodyOptions, 'isWhole' | 'trailers'>,
): IncomingBody =>
  new ReadableBody(source, {
    ...protocol,
    betweenBytesMs: Math.min(quietMs, toMilliseconds(undefined)),
    isStalled,
    onTooSlow,
    ...(bytes === undefined ? {} : { most: { bytes, onExceeded: onTooLarge } }),
    // The client still waits for its answer: what it sends is read away, so that the connection can serve on.
    cut: () => {},
  });
