// The functions and resources of `wasi:http/types@0.3.0` by WIT name (spin-contract.md §4.13); fields are those of 0.2.
import {
  plain,
  type FutureReader,
  type HostFunction,
  type HostInterface,
  type Result,
  type StreamReader,
} from '../../../component/index.ts';
import type { Guest } from '../../guest.ts';
import { heldBy } from '../../held-bytes.ts';
import { Fields, FieldsTooLarge, type HeaderError } from '../types/fields.ts';
import type { Method, Scheme } from '../types/method.ts';
import { consume, MadeContents, type Trailers, type Transmission } from './contents.ts';
import { AsyncRequestOptions, type Timeout } from './request-options.ts';
import { Request } from './request.ts';
import { Response } from './response.ts';

export const HTTP_TYPES_0_3 = 'wasi:http/types@0.3.0';

/** A function that needs nothing of the calling guest. */
const pure = <Args extends unknown[]>(call: (...args: Args) => unknown): HostFunction<Guest> =>
  plain<Guest, Args>((_guest, ...args) => call(...args));

type AsyncHeaderError = HeaderError | { readonly tag: 'size-exceeded' };
type Changed<T> = Result<T, AsyncHeaderError>;

/** What traps in 0.2 is an error here. */
function sized<T>(change: () => Changed<T>): Changed<T> {
  try {
    return change();
  } catch (error) {
    if (error instanceof FieldsTooLarge) {
      return { tag: 'err', val: { tag: 'size-exceeded' } };
    }
    throw error;
  }
}

const FIELDS = {
  '[constructor]fields': plain((guest: Guest) => new Fields(heldBy(() => guest))),
  '[static]fields.from-list': plain((guest: Guest, entries: [string, Uint8Array][]) =>
    sized(() =>
      Fields.fromList(
        entries,
        heldBy(() => guest),
      ),
    ),
  ),
  '[method]fields.get': pure((fields: Fields, name: string) => fields.get(name)),
  '[method]fields.has': pure((fields: Fields, name: string) => fields.has(name)),
  '[method]fields.set': pure((fields: Fields, name: string, values: Uint8Array[]) =>
    sized(() => fields.set(name, values)),
  ),
  '[method]fields.delete': pure((fields: Fields, name: string) => fields.delete(name)),
  '[method]fields.get-and-delete': pure((fields: Fields, name: string) => {
    const values = fields.get(name);
    const deleted = fields.delete(name);
    return deleted.tag === 'ok' ? { tag: 'ok', val: values } : deleted;
  }),
  '[method]fields.append': pure((fields: Fields, name: string, value: Uint8Array) =>
    sized(() => fields.append(name, value)),
  ),
  '[method]fields.copy-all': pure((fields: Fields) => fields.entries()),
  '[method]fields.clone': plain((guest: Guest, fields: Fields) => fields.clone(heldBy(() => guest))),
};

const REQUEST = {
  '[static]request.new': pure(
    (
      headers: Fields,
      bytes: StreamReader | undefined,
      trailers: FutureReader<Trailers>,
      options: AsyncRequestOptions | undefined,
    ) => {
      const contents = new MadeContents(bytes, trailers);
      return [new Request(headers, contents, options), contents.transmission];
    },
  ),
  '[method]request.get-method': pure((request: Request) => request.method),
  '[method]request.set-method': pure((request: Request, method: Method) => request.setMethod(method)),
  '[method]request.get-path-with-query': pure((request: Request) => request.pathWithQuery),
  '[method]request.set-path-with-query': pure((request: Request, path: string | undefined) =>
    request.setPathWithQuery(path),
  ),
  '[method]request.get-scheme': pure((request: Request) => request.scheme),
  '[method]request.set-scheme': pure((request: Request, scheme: Scheme | undefined) => request.setScheme(scheme)),
  '[method]request.get-authority': pure((request: Request) => request.authority),
  '[method]request.set-authority': pure((request: Request, authority: string | undefined) =>
    request.setAuthority(authority),
  ),
  '[method]request.get-options': pure((request: Request) => request.options),
  '[method]request.get-headers': pure((request: Request) => request.headers),
  '[static]request.consume-body': pure((request: Request, handled: FutureReader<Transmission>) =>
    consume(request.contents, handled),
  ),
};

const RESPONSE = {
  '[static]response.new': pure((headers: Fields, bytes: StreamReader | undefined, trailers: FutureReader<Trailers>) => {
    const contents = new MadeContents(bytes, trailers);
    return [new Response(headers, contents), contents.transmission];
  }),
  '[method]response.get-status-code': pure((response: Response) => response.status),
  '[method]response.set-status-code': pure((response: Response, status: number) => response.setStatus(status)),
  '[method]response.get-headers': pure((response: Response) => response.headers),
  '[static]response.consume-body': pure((response: Response, handled: FutureReader<Transmission>) =>
    consume(response.contents, handled),
  ),
};

const timeout = (name: Timeout): HostFunction<Guest> => pure((options: AsyncRequestOptions) => options[name]);
const setTimeoutOf = (name: Timeout): HostFunction<Guest> =>
  pure((options: AsyncRequestOptions, duration: bigint | undefined) => options.set(name, duration));

const OPTIONS = {
  '[constructor]request-options': pure(() => new AsyncRequestOptions()),
  '[method]request-options.get-connect-timeout': timeout('connectTimeout'),
  '[method]request-options.set-connect-timeout': setTimeoutOf('connectTimeout'),
  '[method]request-options.get-first-byte-timeout': timeout('firstByteTimeout'),
  '[method]request-options.set-first-byte-timeout': setTimeoutOf('firstByteTimeout'),
  '[method]request-options.get-between-bytes-timeout': timeout('betweenBytesTimeout'),
  '[method]request-options.set-between-bytes-timeout': setTimeoutOf('betweenBytesTimeout'),
  '[method]request-options.clone': pure((options: AsyncRequestOptions) => options.clone()),
};

export const asyncHttpTypes: HostInterface<Guest> = {
  repeatable: true,
  functions: { ...FIELDS, ...REQUEST, ...RESPONSE, ...OPTIONS },
  resources: { fields: Fields, request: Request, response: Response, 'request-options': AsyncRequestOptions },
};
