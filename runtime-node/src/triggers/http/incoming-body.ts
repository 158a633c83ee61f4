// A request body coming in over node:http as the host's InputStream. Bytes are taken from the socket only as the
// guest reads, so a slow guest slows its client down (spec/spin-runtime.md §3.4).
import type { IncomingMessage } from 'node:http';
import type { HeaderList, IncomingBody } from '../../host/http/exchange.ts';
import { CLOSED, InputStream, IoError, type StreamError } from '../../host/io/streams.ts';
import { emptyInputStream } from '../../host/io/ready-made.ts';
import { pairs } from '../../host/http/header-list.ts';

const EMPTY = new Uint8Array(0);

/** The body of `request`; one that cannot have content costs no listener. */
export function incomingBody(request: IncomingMessage): IncomingBody {
  return hasBody(request) ? new MessageBody(request) : noBody();
}

/** RFC 9112 §6: a request has a body when one of these two fields is there. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

const NO_TRAILERS = { tag: 'ok', val: null } as const;

/** Nothing to come; not shared between requests, since a stream counts the pollables made of it. */
const noBody = (): IncomingBody => ({
  stream: emptyInputStream(),
  trailers: { ready: () => true, wait: async () => {}, value: () => NO_TRAILERS },
});

class MessageBody extends InputStream implements IncomingBody {
  readonly #request: IncomingMessage;
  /** Bytes taken from the socket and not yet read by the guest. */
  #rest: Uint8Array = EMPTY;
  #ended = false;
  #error: IoError | undefined;
  #waiters: (() => void)[] = [];
  readonly trailers: IncomingBody['trailers'];

  constructor(request: IncomingMessage) {
    super();
    this.#request = request;
    request.on('readable', () => this.#wake());
    request.once('end', () => {
      this.#ended = true;
      this.#wake();
    });
    request.once('error', () => this.#fail());
    request.once('close', () => {
      if (!request.complete) {
        this.#fail();
      }
      this.#wake();
    });
    this.trailers = {
      ready: () => this.#ended || this.#error !== undefined,
      wait: () => this.#waitUntil(() => this.#ended || this.#error !== undefined),
      value: () => this.#trailers(),
    };
  }

  get stream(): InputStream {
    return this;
  }

  ready(): boolean {
    return this.#ended || this.#error !== undefined || this.#fill();
  }

  wait(): Promise<void> {
    return this.#waitUntil(() => this.ready());
  }

  read(max: number): Uint8Array | StreamError {
    if (this.#fill()) {
      const bytes = this.#rest.subarray(0, max);
      this.#rest = this.#rest.subarray(bytes.length);
      return bytes;
    }
    if (this.#error !== undefined) {
      return { tag: 'last-operation-failed', val: this.#error };
    }
    return this.#ended ? CLOSED : EMPTY;
  }

  /** The guest wants no more of it; what still comes is thrown away so that the connection can serve on. */
  [Symbol.dispose](): void {
    this.trapOnLivePollables();
    this.#rest = EMPTY;
    this.#request.removeAllListeners('readable');
    this.#request.resume();
  }

  /** True when bytes are there for the guest. Reading an empty buffer also makes node take more from the socket. */
  #fill(): boolean {
    if (this.#rest.length === 0) {
      this.#rest = (this.#request.read() as Uint8Array | null) ?? EMPTY;
    }
    return this.#rest.length > 0;
  }

  #fail(): void {
    this.#error ??= new IoError('the client closed the connection before the end of the body', {
      tag: 'HTTP-protocol-error',
    });
    this.#wake();
  }

  #trailers(): { tag: 'ok'; val: HeaderList | null } | { tag: 'err'; val: unknown } {
    if (this.#error !== undefined) {
      return { tag: 'err', val: this.#error.httpErrorCode };
    }
    const raw = this.#request.rawTrailers;
    return raw.length === 0 ? NO_TRAILERS : { tag: 'ok', val: pairs(raw) };
  }

  async #waitUntil(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      waiter();
    }
  }
}
