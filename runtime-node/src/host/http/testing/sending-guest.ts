// A guest for tests that sends requests: the functions of wasi:http as a component would call them, one by one.
import { NETWORK_CONFIG_KEY, openNetwork, parseNetworkConfig, type Resolve } from '../../network/index.ts';
import type { OutputStream, InputStream, StreamError } from '../../io/streams.ts';
import { fakeApp } from '../../testing/fake-app.ts';
import { fakeComponent, fakeGuest } from '../../testing/fake-guest.ts';
import type { ErrorCode } from '../error-code.ts';
import { httpCapability, type HttpState } from '../index.ts';
import { OUTGOING_HANDLER_INTERFACE } from '../outgoing-handler.ts';
import { Fields } from '../types/fields.ts';
import type { FutureIncomingResponse } from '../types/future-incoming-response.ts';
import type { FutureTrailers, IncomingBody } from '../types/incoming-body.ts';
import type { IncomingResponse } from '../types/incoming-response.ts';
import type { Method, Scheme } from '../types/method.ts';
import type { OutgoingBody } from '../types/outgoing-body.ts';
import { OutgoingRequest } from '../types/outgoing-request.ts';
import { RequestOptions } from '../types/request-options.ts';

type Handled = { tag: 'ok'; val: FutureIncomingResponse } | { tag: 'err'; val: ErrorCode };

export interface GuestSetup {
  readonly allowed?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  /** Where relative paths of `config` start. */
  readonly configDir?: string;
  readonly authorities?: readonly string[];
  readonly h2cAuthority?: string;
  readonly resolve?: Resolve;
  readonly warn?: (message: string) => void;
}

export interface RequestParts {
  readonly method?: Method;
  readonly scheme?: Scheme;
  readonly authority?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  /** Milliseconds. */
  readonly timeouts?: { readonly connect?: number; readonly firstByte?: number; readonly betweenBytes?: number };
}

/** Header fields as a test wants to compare them. */
export const listOf = (fields: Fields): [string, string][] =>
  fields.entries().map(([name, value]) => [name, Buffer.from(value).toString('latin1')]);

export class SendingGuest {
  readonly state: HttpState;
  readonly #handle: (request: OutgoingRequest, options: RequestOptions | undefined) => Handled;
  readonly #abort: () => void;
  readonly #close: () => Promise<void>;

  private constructor(
    state: HttpState,
    handle: (request: OutgoingRequest, options: RequestOptions | undefined) => Handled,
    abort: () => void,
    close: () => Promise<void>,
  ) {
    this.state = state;
    this.#handle = handle;
    this.#abort = abort;
    this.#close = close;
  }

  static async open(setup: GuestSetup = {}): Promise<SendingGuest> {
    const { allowed = ['*://*:*'], config = {}, configDir = '/nowhere', resolve, warn, ...options } = setup;
    const component = { id: 'c', metadata: { allowed_outbound_hosts: [...allowed] } };
    const app = fakeApp({ components: [fakeComponent(component)] });
    const network = await openNetwork(parseNetworkConfig(config[NETWORK_CONFIG_KEY]), app, {
      ...(resolve === undefined ? {} : { resolve }),
      ...(warn === undefined ? {} : { warn }),
    });
    const capability = httpCapability(options);
    const state = await capability.open(capability.parse(config), { ...app, network, configDir });
    const { guest, abort } = fakeGuest(component);
    const call = capability.bind(state, guest.component).get(OUTGOING_HANDLER_INTERFACE)?.functions['handle']?.call as (
      ...args: unknown[]
    ) => unknown;
    return new SendingGuest(
      state,
      (request, requestOptions) => call(guest, request, requestOptions) as Handled,
      abort,
      async () => capability.close?.(state),
    );
  }

  /** A request that is not sent yet. */
  request({ method, scheme, authority, path = '/', headers = [] }: RequestParts): OutgoingRequest {
    const fields = new Fields();
    for (const [name, value] of headers) {
      fields.appendText(name, value);
    }
    const request = new OutgoingRequest(fields);
    if (method !== undefined) {
      request.setMethod(method);
    }
    request.setScheme(scheme ?? { tag: 'HTTP' });
    request.setAuthority(authority);
    request.setPathWithQuery(path);
    return request;
  }

  handle(request: OutgoingRequest, timeouts: RequestParts['timeouts'] = {}): Handled {
    const options = new RequestOptions();
    options.connectTimeout = nanoseconds(timeouts.connect);
    options.firstByteTimeout = nanoseconds(timeouts.firstByte);
    options.betweenBytesTimeout = nanoseconds(timeouts.betweenBytes);
    return this.#handle(request, options);
  }

  /** Begins a request without content. */
  begin(parts: RequestParts): FutureIncomingResponse {
    const handled = this.handle(this.request(parts), parts.timeouts);
    if (handled.tag === 'err') {
      throw new Error(`handle refused it: ${handled.val.tag}`);
    }
    return handled.val;
  }

  /** Begins a request whose body the test writes. */
  beginWithBody(parts: RequestParts): { future: FutureIncomingResponse; body: OutgoingBody; stream: OutputStream } {
    const request = this.request(parts);
    const body = request.body().val as OutgoingBody;
    const stream = body.write().val as OutputStream;
    const handled = this.handle(request, parts.timeouts);
    if (handled.tag === 'err') {
      throw new Error(`handle refused it: ${handled.val.tag}`);
    }
    return { future: handled.val, body, stream };
  }

  /** The answer to a request without content. */
  send(parts: RequestParts): Promise<IncomingResponse | ErrorCode> {
    return answer(this.begin(parts));
  }

  /** As a trigger does when the client has gone. */
  abort(): void {
    this.#abort();
  }

  close(): Promise<void> {
    return this.#close();
  }
}

const nanoseconds = (ms: number | undefined): bigint | undefined =>
  ms === undefined ? undefined : BigInt(ms) * 1_000_000n;

export async function answer(future: FutureIncomingResponse): Promise<IncomingResponse | ErrorCode> {
  await future.wait();
  const taken = future.get() as { val: { val: IncomingResponse | ErrorCode } };
  return taken.val.val;
}

/** The response of a request that is expected to succeed. */
export function expectResponse(got: IncomingResponse | ErrorCode): IncomingResponse {
  if ('tag' in got) {
    throw new Error(`no response but ${got.tag}`);
  }
  return got;
}

export interface ReadBody {
  readonly text: string;
  readonly error: ErrorCode | undefined;
  readonly trailers: [string, string][] | ErrorCode | undefined;
}

/** Reads a body to its end and takes the trailers. */
export async function readBody(response: IncomingResponse): Promise<ReadBody> {
  const body = response.consume().val as IncomingBody;
  const stream = body.stream().val as InputStream;
  const { bytes, error } = await readStream(stream);
  stream[Symbol.dispose]();
  const future: FutureTrailers = body.finish();
  await future.wait();
  const trailers = future.get() as { val: { tag: 'ok'; val: Fields | undefined } | { tag: 'err'; val: ErrorCode } };
  const list = trailers.val.tag === 'err' ? trailers.val.val : trailers.val.val && listOf(trailers.val.val);
  return { text: bytes.toString('latin1'), error, trailers: list };
}

export async function readStream(stream: InputStream): Promise<{ bytes: Buffer; error: ErrorCode | undefined }> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    await stream.wait();
    const got: Uint8Array | StreamError = stream.read(65_536);
    if (got instanceof Uint8Array) {
      chunks.push(got);
      continue;
    }
    const error = got.tag === 'closed' ? undefined : (got.val.httpErrorCode as ErrorCode);
    return { bytes: Buffer.concat(chunks), error };
  }
}

/** Writes all of it as a guest would, waiting for room; false when the stream was closed or failed on the way. */
export async function writeAll(stream: OutputStream, bytes: Uint8Array): Promise<boolean> {
  let rest = bytes;
  while (rest.length > 0) {
    await stream.wait();
    const room = stream.checkWrite();
    if (typeof room !== 'number') {
      return false;
    }
    const failure = stream.write(rest.slice(0, room));
    if (failure !== undefined) {
      return false;
    }
    rest = rest.subarray(Math.min(room, rest.length));
  }
  return true;
}
