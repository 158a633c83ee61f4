// `wasi:http/client` of WASI 0.3: the outgoing handler of 0.2 sends, so that both ask the same of a request.
import { cancellable, err, waiting, type HostInterface, type Result } from '../../../component/index.ts';
import type { Guest } from '../../guest.ts';
import { heldBy } from '../../held-bytes.ts';
import type { ErrorCode } from '../error-code.ts';
import type { FutureIncomingResponse } from '../types/future-incoming-response.ts';
import type { OutgoingBody } from '../types/outgoing-body.ts';
import { OutgoingRequest } from '../types/outgoing-request.ts';
import type { RequestOptions } from '../types/request-options.ts';
import type { Taken } from './contents.ts';
import type { Request } from './request.ts';
import { Response } from './response.ts';
import { transmit } from './transmit.ts';

export const HTTP_CLIENT_INTERFACE = 'wasi:http/client@0.3.0';

type Sent = Result<Response, ErrorCode>;

/** `err` whose value is known to be an error-code. */
const fail = (code: ErrorCode): Result<never, ErrorCode> => err(code);

/** `handle` of `wasi:http/outgoing-handler`. */
type Handle = (
  guest: Guest,
  request: OutgoingRequest,
  options: RequestOptions | undefined,
) => Result<FutureIncomingResponse, ErrorCode>;

export function httpClient(handler: HostInterface<Guest>): HostInterface<Guest> {
  const handle = handler.functions['handle']?.call as unknown as Handle;
  return {
    functions: { send: waiting((guest: Guest, request: Request) => send(handle, guest, request)) },
    resources: {},
  };
}

function send(handle: Handle, guest: Guest, request: Request): Sent | Promise<Sent> {
  const outgoing = new OutgoingRequest(request.headers);
  const accepted = [
    outgoing.setMethod(request.method),
    outgoing.setScheme(request.scheme),
    outgoing.setAuthority(request.authority),
    outgoing.setPathWithQuery(request.pathWithQuery),
  ];
  if (accepted.some(({ tag }) => tag === 'err')) {
    request[Symbol.dispose]();
    return fail({ tag: 'HTTP-request-URI-invalid' });
  }
  const contents = request.contents.take();
  const body = bodyOf(outgoing, contents, guest);
  const handled = handle(guest, outgoing, request.options);
  if (body === undefined) {
    contents.trailers[Symbol.dispose]();
    contents.sent(handled.tag === 'ok' ? { tag: 'ok', val: undefined } : handled);
  } else {
    void transmit(contents, body);
  }
  if (handled.tag === 'err') {
    return handled;
  }
  const future = handled.val;
  let calledOff = false;
  const answer = future.wait().then((): Sent => {
    if (calledOff) {
      return fail({ tag: 'connection-terminated' });
    }
    const got = future.take();
    return got.tag === 'ok' ? { tag: 'ok', val: Response.received(got.val) } : got;
  });
  return cancellable(answer, () => {
    calledOff = true;
    future[Symbol.dispose]();
  });
}

/** Undefined for a request without contents, and for one whose content-length is none: the handler says so then. */
function bodyOf(outgoing: OutgoingRequest, contents: Taken, guest: Guest): OutgoingBody | undefined {
  if (contents.bytes === undefined) {
    return undefined;
  }
  const body = outgoing.body(heldBy(() => guest));
  return body.tag === 'ok' ? body.val : undefined;
}
