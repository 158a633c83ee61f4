// `wasi:http/outgoing-handler`: what is wrong with the request itself is answered by `handle`; where it may not or
// cannot go, by the future (spin-contract.md §3.6, §3.9, §3.10).
import { serviceChainingTarget } from '@spindle/api';
import { err, ok, plain, Trap, type HostInterface, type Result } from '../../component/index.ts';
import type { OpenSpan } from '../../telemetry/span.ts';
import type { Guest } from '../guest.ts';
import { toMilliseconds } from './deadline.ts';
import { exchange } from './client/exchange.ts';
import type { Origin, WireRequest } from './client/request.ts';
import { errorCodeOf, HttpError, type ErrorCode } from './error-code.ts';
import { callLocal } from './local-components.ts';
import { originAuthority, type HttpState } from './state.ts';
import { targetOf, type RemoteTarget, type SelfTarget } from './target.ts';
import type { BodyPipe } from './types/body-pipe.ts';
import { FutureIncomingResponse, type Answer } from './types/future-incoming-response.ts';
import { beginSend, endSend, outgoingFields } from './trace-send.ts';
import { methodName } from './types/method.ts';
import { declaredLength } from './types/outgoing-body.ts';
import type { OutgoingRequest } from './types/outgoing-request.ts';
import { RequestOptions } from './types/request-options.ts';
import { requestPath } from './types/uri-syntax.ts';

export const OUTGOING_HANDLER_INTERFACE = 'wasi:http/outgoing-handler@0.2.12';

/** `err` whose value is known to be an error-code. */
const fail = (code: ErrorCode): Result<never, ErrorCode> => err(code);

type Handled = Result<FutureIncomingResponse, ErrorCode>;

export const outgoingHandler = (state: HttpState): HostInterface<Guest> => ({
  functions: {
    handle: plain((guest: Guest, request: OutgoingRequest, options: RequestOptions | undefined) =>
      handle(state, guest, request, options ?? new RequestOptions()),
    ),
  },
  resources: {},
});

function handle(state: HttpState, guest: Guest, request: OutgoingRequest, options: RequestOptions): Handled {
  const body = request.send();
  const checked = check(request, body);
  if (checked.tag === 'err') {
    body?.disconnect();
    return checked;
  }
  const destination = whereTo(state, guest, checked.val);
  const span = beginSend(guest, request, checked.val);
  if (destination.tag === 'err') {
    endSend(guest, span, destination);
    body?.abandon();
    return ok(new FutureIncomingResponse(destination, () => {}));
  }
  const { origin, authority, path, self } = destination.val;
  const message = {
    authority,
    method: methodName(request.method()),
    headers: outgoingFields(guest, request, span),
    body,
  };
  const componentId = self ? undefined : serviceChainingTarget(authority);
  if ((self || componentId !== undefined) && state.components !== undefined) {
    if (componentId !== undefined && !state.components.has(componentId)) {
      throw new Trap(`unknown routing destination '${componentId}'`);
    }
    const firstByteMs = toMilliseconds(options.firstByteTimeout);
    const ended = (answer: Answer): void => endSend(guest, span, answer);
    return ok(callLocal(state.components, guest, { ...message, componentId, pathWithQuery: path, firstByteMs, ended }));
  }
  const betweenBytesMs = toMilliseconds(options.betweenBytesTimeout);
  return ok(send(state, guest, { ...message, origin, path, betweenBytesMs }, options, span));
}

interface Checked {
  readonly target: RemoteTarget | SelfTarget;
  readonly pathWithQuery: string;
}

/** What can be said of the request without asking where it may go. */
function check(request: OutgoingRequest, body: BodyPipe | undefined): Result<Checked, ErrorCode> {
  const length = declaredLength(request.headers());
  if (length.tag === 'err') {
    return fail({ tag: 'internal-error', val: 'invalid `content-length` header' });
  }
  if (body === undefined && (length.val ?? 0) > 0) {
    return fail({ tag: 'HTTP-request-body-size', val: 0n });
  }
  // CONNECT asks for a tunnel, which a guest has no way to use.
  if (request.method().tag === 'connect') {
    return fail({ tag: 'HTTP-request-method-invalid' });
  }
  const target = targetOf(request);
  if (target.tag === 'err') {
    return target;
  }
  // As Spin: a request must say its path, if only `/`.
  const pathWithQuery = request.pathWithQuery();
  return pathWithQuery === undefined ? fail({ tag: 'HTTP-protocol-error' }) : ok({ target: target.val, pathWithQuery });
}

interface Destination extends Pick<WireRequest, 'origin' | 'authority' | 'path'> {
  /** To the app itself. Answered in this process: over its listener it would stand behind its own caller. */
  readonly self: boolean;
}

/** Asks the manifest first: a denied guest learns nothing else of its request. */
function whereTo(
  { network, selfAddress, components }: HttpState,
  { component }: Guest,
  { target, pathWithQuery }: Checked,
): Result<Destination, ErrorCode> {
  const allowed =
    target.kind === 'self'
      ? network.allowsSelf(component.id)
      : network.allows(component.id, target.destination, `${target.origin.scheme}://${target.authority}`);
  if (!allowed) {
    return fail({ tag: 'HTTP-request-denied' });
  }
  const path = requestPath(pathWithQuery);
  const self = target.kind === 'self';
  const origin: Origin | undefined = self ? components && selfAddress : target.origin;
  if (path === undefined || origin === undefined) {
    return fail({ tag: 'HTTP-request-URI-invalid' });
  }
  return ok({ origin, authority: self ? originAuthority(origin) : target.authority, path, self });
}

/** Begins the exchange; it ends with the guest's call or when the guest drops the future. */
function send(
  { pool, clientTls }: HttpState,
  guest: Guest,
  message: Omit<WireRequest, 'trust'>,
  { connectTimeout, firstByteTimeout }: RequestOptions,
  span: OpenSpan | undefined,
): FutureIncomingResponse {
  const stop = new AbortController();
  const giveUp = (): void => stop.abort(new HttpError({ tag: 'connection-terminated' }));
  const { signal } = guest.call;
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) {
    giveUp();
  }
  const request = { ...message, trust: clientTls.trustOf(guest.component.id, message.origin.host) };
  const limits = { connectMs: toMilliseconds(connectTimeout), firstByteMs: toMilliseconds(firstByteTimeout) };
  const answer = exchange(pool, request, limits, stop).then(
    (response): Answer => ok(response),
    (error: unknown): Answer => err(errorCodeOf(error)),
  );
  void answer.then((got) => {
    signal.removeEventListener('abort', giveUp);
    endSend(guest, span, got);
  });
  return new FutureIncomingResponse(answer, giveUp);
}
