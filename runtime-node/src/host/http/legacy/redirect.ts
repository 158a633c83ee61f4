// Where an answer sends a client that follows redirects, as the client of Spin 1 does (spin-contract.md §3.9): the HTTP
// library's rules of that client, pure.
import type { SpinHeaders, SpinMethod, SpinRequest } from './types.ts';

/** As reqwest: the eleventh is an error. */
export const MAX_REDIRECTS = 10;

/** Of which a GET is made (RFC 9110 §15.4). */
const SEE_OTHER: readonly number[] = [301, 302, 303];
const SAME_AGAIN: readonly number[] = [307, 308];

/** Not for another host (RFC 9110 §11.6.2). */
const CREDENTIALS: readonly string[] = [
  'authorization',
  'cookie',
  'cookie2',
  'proxy-authorization',
  'www-authenticate',
];
/** About a body that is not sent again. */
const ABOUT_BODY: readonly string[] = ['content-type', 'content-length', 'content-encoding', 'transfer-encoding'];

/** The request to make next; undefined when the answer is one to hand on. `base`: the absolute URL that was asked. */
export function redirected(
  request: SpinRequest,
  base: string,
  status: number,
  location: string | undefined,
): SpinRequest | undefined {
  if (location === undefined || !(SEE_OTHER.includes(status) || SAME_AGAIN.includes(status))) {
    return undefined;
  }
  const from = new URL(base);
  const to = URL.parse(location, from);
  if (to === null || (to.protocol !== 'http:' && to.protocol !== 'https:')) {
    return undefined;
  }
  const kept = SAME_AGAIN.includes(status) || request.method === 'get' || request.method === 'head';
  const dropped = [...(kept ? [] : ABOUT_BODY), ...(to.host === from.host ? [] : CREDENTIALS)];
  return {
    ...request,
    uri: to.href,
    headers: without(request.headers, dropped),
    method: kept ? request.method : ('get' satisfies SpinMethod),
    body: kept ? request.body : undefined,
  };
}

const without = (headers: SpinHeaders, names: readonly string[]): SpinHeaders =>
  headers.filter(([name]) => !names.includes(name.toLowerCase()));
