// The functions and resources of `wasi:http/types@0.2.x` by WIT name; what they do is in the classes beside.
import { plain, Trap, type HostFunction, type HostInterface } from '../../../component/index.ts';
import type { Guest } from '../../guest.ts';
import { heldBy } from '../../held-bytes.ts';
import type { IoError } from '../../io/streams.ts';
import { fieldsCore, incomingRequestCore } from './core.ts';
import { Fields } from './fields.ts';
import { FutureIncomingResponse } from './future-incoming-response.ts';
import { FutureTrailers, IncomingBody } from './incoming-body.ts';
import { IncomingRequest } from './incoming-request.ts';
import { IncomingResponse } from './incoming-response.ts';
import { OutgoingBody } from './outgoing-body.ts';
import { OutgoingRequest } from './outgoing-request.ts';
import { OutgoingResponse } from './outgoing-response.ts';
import { RequestOptions } from './request-options.ts';
import { ResponseOutparam } from './response-outparam.ts';

/** 0.2.12 is the newest 0.2 there is; older 0.2 guests find it by semver. */
export const TYPES_INTERFACE = 'wasi:http/types@0.2.12';

type UpToThree = (a?: unknown, b?: unknown, c?: unknown) => unknown;

/** A function that needs nothing of the calling guest; of at most three parameters, which spares spreading them. */
const pure = <Args extends unknown[]>(call: (...args: Args) => unknown): HostFunction<Guest> => {
  const plainly = call as unknown as UpToThree;
  return plain<Guest, unknown[]>((_guest, a, b, c) => plainly(a, b, c));
};

type Duration = bigint | undefined;
type Timeout = 'connectTimeout' | 'firstByteTimeout' | 'betweenBytesTimeout';

const timeout = (name: Timeout): HostFunction<Guest> => pure((options: RequestOptions) => options[name]);

const setTimeoutOf = (name: Timeout): HostFunction<Guest> =>
  pure((options: RequestOptions, duration: Duration) => {
    options[name] = duration;
    return { tag: 'ok', val: undefined };
  });

const FIELDS = {
  '[constructor]fields': plain((guest: Guest) => new Fields(heldBy(() => guest))),
  '[static]fields.from-list': {
    ...plain((guest: Guest, entries: [string, Uint8Array][]) =>
      Fields.fromList(
        entries,
        heldBy(() => guest),
      ),
    ),
    core: fieldsCore.fromList,
  },
  '[method]fields.get': pure((fields: Fields, name: string) => fields.get(name)),
  '[method]fields.has': pure((fields: Fields, name: string) => fields.has(name)),
  '[method]fields.set': pure((fields: Fields, name: string, values: Uint8Array[]) => fields.set(name, values)),
  '[method]fields.delete': pure((fields: Fields, name: string) => fields.delete(name)),
  '[method]fields.append': {
    ...pure((fields: Fields, name: string, value: Uint8Array) => fields.append(name, value)),
    core: fieldsCore.append,
  },
  '[method]fields.entries': { ...pure((fields: Fields) => fields.entries()), core: fieldsCore.entries },
  '[method]fields.clone': plain((guest: Guest, fields: Fields) => fields.clone(heldBy(() => guest))),
};

const INCOMING = {
  '[method]incoming-request.method': {
    ...pure((request: IncomingRequest) => request.method()),
    core: incomingRequestCore.method,
  },
  '[method]incoming-request.path-with-query': {
    ...pure((request: IncomingRequest) => request.pathWithQuery()),
    core: incomingRequestCore.pathWithQuery,
  },
  '[method]incoming-request.scheme': pure((request: IncomingRequest) => request.scheme()),
  '[method]incoming-request.authority': {
    ...pure((request: IncomingRequest) => request.authority()),
    core: incomingRequestCore.authority,
  },
  '[method]incoming-request.headers': pure((request: IncomingRequest) => request.headers()),
  '[method]incoming-request.consume': pure((request: IncomingRequest) => request.consume()),
  '[method]incoming-response.status': pure((response: IncomingResponse) => response.status()),
  '[method]incoming-response.headers': pure((response: IncomingResponse) => response.headers()),
  '[method]incoming-response.consume': pure((response: IncomingResponse) => response.consume()),
  '[method]incoming-body.stream': pure((body: IncomingBody) => body.stream()),
  '[static]incoming-body.finish': pure((body: IncomingBody) => body.finish()),
  '[method]future-trailers.subscribe': pure((trailers: FutureTrailers) => trailers.subscribe()),
  '[method]future-trailers.get': pure((trailers: FutureTrailers) => trailers.get()),
  '[method]future-incoming-response.subscribe': pure((future: FutureIncomingResponse) => future.subscribe()),
  '[method]future-incoming-response.get': pure((future: FutureIncomingResponse) => future.get()),
};

const OUTGOING_REQUEST = {
  '[constructor]outgoing-request': pure((headers: Fields) => new OutgoingRequest(headers)),
  '[method]outgoing-request.body': plain((guest: Guest, request: OutgoingRequest) => request.body(heldBy(() => guest))),
  '[method]outgoing-request.method': pure((request: OutgoingRequest) => request.method()),
  '[method]outgoing-request.set-method': pure(
    (request: OutgoingRequest, method: Parameters<OutgoingRequest['setMethod']>[0]) => request.setMethod(method),
  ),
  '[method]outgoing-request.path-with-query': pure((request: OutgoingRequest) => request.pathWithQuery()),
  '[method]outgoing-request.set-path-with-query': pure((request: OutgoingRequest, path: string | undefined) =>
    request.setPathWithQuery(path),
  ),
  '[method]outgoing-request.scheme': pure((request: OutgoingRequest) => request.scheme()),
  '[method]outgoing-request.set-scheme': pure(
    (request: OutgoingRequest, scheme: Parameters<OutgoingRequest['setScheme']>[0]) => request.setScheme(scheme),
  ),
  '[method]outgoing-request.authority': pure((request: OutgoingRequest) => request.authority()),
  '[method]outgoing-request.set-authority': pure((request: OutgoingRequest, authority: string | undefined) =>
    request.setAuthority(authority),
  ),
  '[method]outgoing-request.headers': pure((request: OutgoingRequest) => request.headers()),
  '[constructor]request-options': pure(() => new RequestOptions()),
  '[method]request-options.connect-timeout': timeout('connectTimeout'),
  '[method]request-options.set-connect-timeout': setTimeoutOf('connectTimeout'),
  '[method]request-options.first-byte-timeout': timeout('firstByteTimeout'),
  '[method]request-options.set-first-byte-timeout': setTimeoutOf('firstByteTimeout'),
  '[method]request-options.between-bytes-timeout': timeout('betweenBytesTimeout'),
  '[method]request-options.set-between-bytes-timeout': setTimeoutOf('betweenBytesTimeout'),
};

const OUTGOING_RESPONSE = {
  '[constructor]outgoing-response': pure((headers: Fields) => new OutgoingResponse(headers)),
  '[method]outgoing-response.status-code': pure((response: OutgoingResponse) => response.statusCode()),
  '[method]outgoing-response.set-status-code': pure((response: OutgoingResponse, status: number) =>
    response.setStatusCode(status),
  ),
  '[method]outgoing-response.headers': pure((response: OutgoingResponse) => response.headers()),
  '[method]outgoing-response.body': plain((guest: Guest, response: OutgoingResponse) =>
    response.body(heldBy(() => guest)),
  ),
  '[static]response-outparam.set': pure(
    (outparam: ResponseOutparam, response: Parameters<ResponseOutparam['set']>[0]) => outparam.set(response),
  ),
  // Unstable in the WIT and not enabled in Spin either (spec §3.4).
  '[method]response-outparam.send-informational': pure(() => {
    throw new Trap('response-outparam.send-informational is not implemented');
  }),
};

const OUTGOING_BODY = {
  '[method]outgoing-body.write': pure((body: OutgoingBody) => body.write()),
  '[static]outgoing-body.finish': pure((body: OutgoingBody, trailers: Fields | undefined) => body.finish(trailers)),
};

export const httpTypes: HostInterface<Guest> = {
  repeatable: true,
  functions: {
    'http-error-code': pure((error: IoError) => error.httpErrorCode),
    ...FIELDS,
    ...INCOMING,
    ...OUTGOING_REQUEST,
    ...OUTGOING_RESPONSE,
    ...OUTGOING_BODY,
  },
  resources: {
    fields: Fields,
    'incoming-request': IncomingRequest,
    'outgoing-request': OutgoingRequest,
    'request-options': RequestOptions,
    'response-outparam': ResponseOutparam,
    'incoming-response': IncomingResponse,
    'incoming-body': IncomingBody,
    'future-trailers': FutureTrailers,
    'outgoing-response': OutgoingResponse,
    'outgoing-body': OutgoingBody,
    'future-incoming-response': FutureIncomingResponse,
  },
};
