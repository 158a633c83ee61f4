// `fermyon:spin/http`, the outgoing requests of Spin 1, over today's `outgoing-handler`: the same rules of where a guest
// may go, the same connections. Redirects are followed (spin-contract.md §3.9), each asked about like the first request.
import { err, ok, waiting, type HostFunction, type HostInterface, type Result } from '../../../component/index.ts';
import type { Guest } from '../../guest.ts';
import { functionOf, invoke } from '../../release-candidates/adapt.ts';
import type { ErrorCode } from '../error-code.ts';
import { originAuthority, type HttpState } from '../state.ts';
import { Fields } from '../types/fields.ts';
import type { FutureIncomingResponse } from '../types/future-incoming-response.ts';
import { isForbidden } from '../types/header-syntax.ts';
import type { IncomingResponse } from '../types/incoming-response.ts';
import type { OutgoingBody } from '../types/outgoing-body.ts';
import { OutgoingRequest } from '../types/outgoing-request.ts';
import { MAX_REDIRECTS, redirected } from './redirect.ts';
import { MAX_BUFFERED_BYTES, type SpinHttpError, type SpinRequest, type SpinResponse } from './types.ts';
import { readWhole } from './whole-body.ts';

export const OUTBOUND_HTTP_INTERFACE = 'fermyon:spin/http';
/** Types alone; a component names it among its imports. */
export const HTTP_TYPES_INTERFACE = 'fermyon:spin/http-types';

type Sent = Result<SpinResponse, SpinHttpError>;

const refused = (error: SpinHttpError): Sent => err(error);

/** `handler`: the interface of today. */
export function outboundHttp(state: HttpState, handler: HostInterface<Guest>): HostInterface<Guest> {
  const handle = functionOf(handler.functions, 'handle');
  return {
    resources: {},
    functions: {
      'send-request': waiting((guest: Guest, request: SpinRequest) => sendRequest(state, guest, handle, request)),
    },
  };
}

export const spinHttpTypes: HostInterface<Guest> = { repeatable: true, resources: {}, functions: {} };

async function sendRequest(
  state: HttpState,
  guest: Guest,
  handle: HostFunction<Guest>,
  first: SpinRequest,
): Promise<Sent> {
  let request = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const base = absolute(request.uri, state);
    const sent = await sendOnce(guest, handle, request);
    if (sent.tag === 'err' || base === undefined) {
      return sent;
    }
    const { status, headers = [] } = sent.val;
    const next = redirected(request, base, status, headers.find(([name]) => name === 'location')?.[1]);
    if (next === undefined) {
      return sent;
    }
    request = next;
  }
  return refused('runtime-error');
}

/** Relative to the app's own listener, where that is known. */
function absolute(uri: string, { selfAddress }: HttpState): string | undefined {
  const base = selfAddress === undefined ? undefined : `${selfAddress.scheme}://${originAuthority(selfAddress)}`;
  return URL.parse(uri, base)?.href;
}

async function sendOnce(guest: Guest, handle: HostFunction<Guest>, request: SpinRequest): Promise<Sent> {
  const outgoing = outgoingOf(request);
  if (outgoing === undefined) {
    // Spin asks whether the guest may go there first, and of what is no URL that is answered with no.
    return refused('destination-not-allowed');
  }
  const body = request.body === undefined || request.body.length === 0 ? undefined : bodyOf(outgoing);
  const handled = invoke(handle, guest, outgoing, undefined) as Result<FutureIncomingResponse, ErrorCode>;
  if (handled.tag === 'err') {
    return refused(errorOf(handled.val));
  }
  const future = handled.val;
  try {
    // The answer may come before all of the body is sent, and what is not sent then never will be.
    if (body !== undefined) {
      void writeWhole(body, request.body ?? new Uint8Array(0));
    }
    await future.wait();
    const answer = future.get();
    if (answer?.tag !== 'ok') {
      throw new Error('an answer that is there was not given');
    }
    return answer.val.tag === 'ok' ? await received(answer.val.val, guest) : refused(errorOf(answer.val.val));
  } finally {
    future[Symbol.dispose]();
    if (body?.pipe.ended === false) {
      body.pipe.abort('the answer came before the end of the body');
    }
  }
}

/** Undefined when the URI is none that anything could be sent to. */
function outgoingOf({ method, uri, headers, body }: SpinRequest): OutgoingRequest | undefined {
  const fields = new Fields();
  for (const [name, value] of headers) {
    // The connection, and how long the body is, are the host's to say.
    if (!isForbidden(name) && name.toLowerCase() !== 'content-length') {
      fields.append(name, Buffer.from(value));
    }
  }
  if (body !== undefined && body.length > 0) {
    fields.append('content-length', Buffer.from(String(body.length)));
  }
  const request = new OutgoingRequest(fields);
  request.setMethod({ tag: method });
  if (uri.startsWith('/')) {
    return request.setPathWithQuery(uri).tag === 'ok' ? request : undefined;
  }
  const url = URL.parse(uri);
  const scheme = url === null ? undefined : ({ 'http:': 'HTTP', 'https:': 'HTTPS' } as const)[url.protocol];
  if (url === null || scheme === undefined) {
    return undefined;
  }
  request.setScheme({ tag: scheme });
  const accepted = [request.setAuthority(url.host), request.setPathWithQuery(`${url.pathname}${url.search}`)];
  return accepted.every(({ tag }) => tag === 'ok') ? request : undefined;
}

function bodyOf(request: OutgoingRequest): OutgoingBody {
  const body = request.body();
  if (body.tag === 'err') {
    throw new Error('the body of a new request is not to be had');
  }
  return body.val;
}

/** Ends early when the peer does not want the rest. */
async function writeWhole(body: OutgoingBody, bytes: Uint8Array): Promise<void> {
  const stream = body.write();
  if (stream.tag === 'err') {
    throw new Error('the stream of a new body is not to be had');
  }
  let rest = bytes;
  while (rest.length > 0) {
    const room = stream.val.checkWrite();
    if (typeof room !== 'number') {
      break;
    }
    if (room === 0) {
      await stream.val.wait();
      continue;
    }
    if (stream.val.write(rest.subarray(0, room)) !== undefined) {
      break;
    }
    rest = rest.subarray(room);
  }
  stream.val[Symbol.dispose]();
  body.finish(undefined);
}

async function received(response: IncomingResponse, { call }: Guest): Promise<Sent> {
  const body = response.consume();
  const stream = body.tag === 'ok' ? body.val.stream() : body;
  if (body.tag === 'err' || stream.tag === 'err') {
    throw new Error('the body of a new response is not to be had');
  }
  // No guest holds it, so it does not end with the guest by itself.
  const giveUp = (): void => {
    stream.val[Symbol.dispose]();
    body.val[Symbol.dispose]();
  };
  call.signal.addEventListener('abort', giveUp);
  try {
    const whole = await readWhole(stream.val, MAX_BUFFERED_BYTES);
    return whole.tag === 'whole'
      ? ok({ status: response.status(), headers: textHeaders(response.headers()), body: whole.bytes })
      : refused('runtime-error');
  } finally {
    call.signal.removeEventListener('abort', giveUp);
    body.val[Symbol.dispose]();
  }
}

/** Values that are not ASCII are left out: Spin's guests read text. */
const textHeaders = (fields: Fields): readonly (readonly [string, string])[] =>
  fields
    .entries()
    .map(([name, value]) => [name, Buffer.from(value).toString('latin1')] as const)
    .filter(([, value]) => /^[\t\x20-\x7e]*$/.test(value));

function errorOf(code: ErrorCode): SpinHttpError {
  switch (code.tag) {
    case 'HTTP-request-denied':
      return 'destination-not-allowed';
    case 'HTTP-request-URI-invalid':
      return 'invalid-url';
    case 'connection-limit-reached':
      return 'too-many-requests';
    default:
      return 'runtime-error';
  }
}
