import { describe, expect, it } from 'vitest';
import { err, ok, Trap } from '../../../component/index.ts';
import { CLOSED, InputStream, type StreamError } from '../../io/streams.ts';
import type { HeaderList, IncomingBody as ReceivedBody } from '../exchange.ts';
import { newIncomingRequest } from '../index.ts';
import type { FutureTrailers, IncomingBody } from './incoming-body.ts';
import type { IncomingRequest } from './incoming-request.ts';
import { IncomingResponse } from './incoming-response.ts';
import type { Fields } from './fields.ts';

/** A body whose end comes when the test says so. */
class HeldBody extends InputStream implements ReceivedBody {
  readonly stream: InputStream = this;
  drained = false;
  #ended = false;
  #trailers: HeaderList | null = null;
  #wake = (): void => {};
  readonly #over = new Promise<void>((resolve) => {
    this.#wake = resolve;
  });

  readonly trailers: ReceivedBody['trailers'] = {
    ready: () => this.#ended,
    wait: () => this.#over,
    value: () => ({ tag: 'ok', val: this.#trailers }),
  };

  end(trailers: HeaderList | null): void {
    this.#ended = true;
    this.#trailers = trailers;
    this.#wake();
  }

  override ready(): boolean {
    return this.#ended;
  }

  override wait(): Promise<void> {
    return this.#over;
  }

  override read(): Uint8Array | StreamError {
    return this.#ended ? CLOSED : new Uint8Array(0);
  }

  override [Symbol.dispose](): void {
    this.drained = true;
  }
}

function receive(parts: { method?: string; pathWithQuery?: string | null; scheme?: 'http' | 'https' } = {}): {
  request: IncomingRequest;
  body: HeldBody;
} {
  const body = new HeldBody();
  const headers: HeaderList = [
    ['X-A', '1'],
    ['connection', 'close'],
  ];
  const request = newIncomingRequest({
    method: 'GET',
    pathWithQuery: '/p?q',
    scheme: 'http',
    authority: 'example.com:8080',
    headers,
    body,
    ...parts,
  });
  return { request, body };
}

type CuttableBody = HeldBody & { cancelled?: boolean; cancel?: () => void };

function respond(): { response: IncomingResponse; body: CuttableBody } {
  const body: CuttableBody = new HeldBody();
  body.cancel = () => {
    body.cancelled = true;
  };
  return { response: new IncomingResponse({ status: 418, headers: [['Host', 'x']], body }), body };
}

const consume = (request: IncomingRequest): IncomingBody => request.consume().val as IncomingBody;

describe('incoming-request', () => {
  it.each([
    ['GET', { tag: 'get' }],
    ['HEAD', { tag: 'head' }],
    ['POST', { tag: 'post' }],
    ['PUT', { tag: 'put' }],
    ['DELETE', { tag: 'delete' }],
    ['CONNECT', { tag: 'connect' }],
    ['OPTIONS', { tag: 'options' }],
    ['TRACE', { tag: 'trace' }],
    ['PATCH', { tag: 'patch' }],
    ['PROPFIND', { tag: 'other', val: 'PROPFIND' }],
    ['get', { tag: 'other', val: 'get' }],
  ])('shows the method %s', (method, expected) => {
    expect(receive({ method }).request.method()).toEqual(expected);
  });

  it('shows target, scheme and authority as received', () => {
    const { request } = receive({ scheme: 'https' });
    expect(request.pathWithQuery()).toBe('/p?q');
    expect(request.scheme()).toEqual({ tag: 'HTTPS' });
    expect(request.authority()).toBe('example.com:8080');
    expect(receive({ pathWithQuery: null }).request.pathWithQuery()).toBeUndefined();
    expect(receive().request.scheme()).toEqual({ tag: 'HTTP' });
  });

  it('shows immutable headers without hop-by-hop fields', () => {
    const headers = receive().request.headers();
    expect(headers.entries().map(([name]) => name)).toEqual(['x-a']);
    expect(headers.delete('x-a')).toEqual(err({ tag: 'immutable' }));
  });

  it('gives its body once', () => {
    const { request } = receive();
    expect(request.consume().tag).toBe('ok');
    expect(request.consume()).toEqual(err(undefined));
  });

  it('throws a body away that nobody took, and leaves one that was taken', () => {
    const untaken = receive();
    untaken.request[Symbol.dispose]();
    expect(untaken.body.drained).toBe(true);
    const taken = receive();
    consume(taken.request);
    taken.request[Symbol.dispose]();
    expect(taken.body.drained).toBe(false);
  });
});

describe('incoming-body', () => {
  it('gives its stream once', () => {
    const body = consume(receive().request);
    expect(body.stream().tag).toBe('ok');
    expect(body.stream()).toEqual(err(undefined));
  });

  it.each([
    ['dropped', (body: IncomingBody) => body[Symbol.dispose]()],
    ['finished', (body: IncomingBody) => body.finish()],
  ])('traps when it is %s while its stream lives, and throws the rest away then too', (_what, end) => {
    const { request, body: received } = receive();
    const body = consume(request);
    body.stream();
    expect(() => end(body)).toThrow(Trap);
    expect(received.drained).toBe(true);
  });

  it('throws the rest away when it is finished, and the trailers come at the end', async () => {
    const { request, body: received } = receive();
    const trailers: FutureTrailers = consume(request).finish();
    expect(received.drained).toBe(true);
    expect(trailers.ready()).toBe(false);
    expect(trailers.get()).toBeUndefined();
    const waited = trailers.wait();
    received.end([
      ['X-T', 'v'],
      ['Connection', 'close'],
    ]);
    await waited;
    expect(trailers.ready()).toBe(true);
    const taken = trailers.get() as { val: { val: Fields } };
    expect(taken.val.val.entries().map(([name, value]) => [name, Buffer.from(value).toString()])).toEqual([
      ['x-t', 'v'],
    ]);
    expect(trailers.get()).toEqual(err(undefined));
  });

  it('says that there were no trailers', () => {
    const { request, body: received } = receive();
    const trailers = consume(request).finish();
    received.end(null);
    expect(trailers.get()).toEqual(ok(ok(undefined)));
  });

  it('keeps the trailers for a guest that dropped the stream before it finished the body', () => {
    const { request, body: received } = receive();
    const body = consume(request);
    (body.stream().val as InputStream)[Symbol.dispose]();
    expect(received.drained).toBe(false);
    const trailers = body.finish();
    received.end([['x-t', 'v']]);
    expect(trailers.get()?.tag).toBe('ok');
  });
});

describe('incoming-response', () => {
  it('shows status and headers and gives its body once', () => {
    const { response } = respond();
    expect(response.status()).toBe(418);
    expect(response.headers().entries()).toEqual([]);
    expect(response.consume().tag).toBe('ok');
    expect(response.consume()).toEqual(err(undefined));
  });

  it('cuts the exchange when it is dropped with its body, or when the body is dropped, or its trailers', () => {
    const whole = respond();
    whole.response[Symbol.dispose]();
    expect(whole.body.cancelled).toBe(true);

    const half = respond();
    const body = half.response.consume().val as IncomingBody;
    half.response[Symbol.dispose]();
    expect(half.body.cancelled).toBeUndefined();
    body[Symbol.dispose]();
    expect(half.body.cancelled).toBe(true);

    const late = respond();
    const trailers = (late.response.consume().val as IncomingBody).finish();
    expect(late.body.cancelled).toBeUndefined();
    trailers[Symbol.dispose]();
    expect(late.body.cancelled).toBe(true);
  });

  it('leaves an exchange alone that has come to its end', () => {
    const { response, body } = respond();
    const trailers = (response.consume().val as IncomingBody).finish();
    body.end(null);
    trailers[Symbol.dispose]();
    expect(body.cancelled).toBeUndefined();
  });
});
