// `fermyon:spin/inbound-http`, the handler of Spin 1 (spin-contract.md §3.4): a request that is whole goes in, a response
// that is whole comes out. What a trigger needs to call it.
import type { ComponentInstance } from '../../../component/index.ts';
import { andThen } from '../../attempt.ts';
import type { HeaderList, IncomingRequest, ResponseOut } from '../exchange.ts';
import { isFieldValue, isForbidden, isToken } from '../types/header-syntax.ts';
import { MAX_BUFFERED_BYTES, METHODS, type SpinRequest, type SpinResponse } from './types.ts';
import { readWhole } from './whole-body.ts';

export const INBOUND_HTTP_INTERFACE = 'fermyon:spin/inbound-http';
const HANDLE_REQUEST = 'handle-request';

/**
 * The request as the guest sees it, read to its end; or the status that answers in its place: 405 for a method that the
 * interface has no word for, 413 for more than the host holds, 400 for a body that breaks off.
 */
export function inboundRequest(request: IncomingRequest): SpinRequest | number | Promise<SpinRequest | number> {
  const method = METHODS.find((known) => known.toUpperCase() === request.method);
  return andThen(readWhole(request.body.stream, MAX_BUFFERED_BYTES), (body) => {
    if (body.tag !== 'whole') {
      return body.tag === 'too-large' ? 413 : 400;
    }
    if (method === undefined) {
      return 405;
    }
    return {
      method,
      uri: request.pathWithQuery ?? '/',
      headers: request.headers.map(([name, value]) => [name.toLowerCase(), textOf(value)] as const),
      // Left over from before 1.0; Spin has long stopped filling it.
      params: [],
      body: body.bytes,
    };
  });
}

/** Calls the guest and sends what it answers. In suspending mode this is a promise. */
export function callInbound(instance: ComponentInstance, request: SpinRequest, out: ResponseOut): void | Promise<void> {
  return andThen(instance.call(INBOUND_HTTP_INTERFACE, HANDLE_REQUEST, [request]), (answer) =>
    sendInbound(answer as SpinResponse, out),
  );
}

/** As Spin: of a status that is none the client gets a 500, of headers by one name the last. */
export function sendInbound({ status, headers = [], body }: SpinResponse, out: ResponseOut): void {
  if (status < 100 || status > 600) {
    out.fail({ tag: 'internal-error', val: `malformed HTTP status code ${status}` });
    return;
  }
  const last = new Map<string, string>();
  for (const [name, value] of headers) {
    const bytes = Buffer.from(value, 'utf8').toString('latin1');
    if (!isToken(name) || !isFieldValue(bytes)) {
      out.fail({
        tag: 'internal-error',
        val: `the guest answered with a header that is none: ${JSON.stringify(name)}`,
      });
      return;
    }
    last.set(name.toLowerCase(), bytes);
  }
  // What the connection needs, and how long the body is, is not the guest's to say.
  const sent: HeaderList = [...last].filter(([name]) => !isForbidden(name) && name !== 'content-length');
  if (body === undefined || body.length === 0) {
    out.respond({ status, headers: sent }, false);
    return;
  }
  const sink = out.respond({ status, headers: [...sent, ['content-length', String(body.length)]] }, true);
  if (sink.write(body) === undefined) {
    sink.finish(null);
  }
}

/** Bytes as one char each, read as UTF-8. */
const textOf = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');
