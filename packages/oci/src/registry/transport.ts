// One HTTP exchange with deadlines: for the answer's head, and between any two chunks in either direction.
// It never follows a redirect and never retries; those are decisions of its callers.
import { readBounded } from './bounded.ts';
import { TransportError, transportErrorFrom } from './transport-error.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.ts';

/** What the client asks of the network; replaced in tests and by hosts with rules of their own. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** From the end of the request to the head of the answer. */
  readonly answerTimeoutMs: number;
  /** Between two chunks of a body. */
  readonly stallTimeoutMs: number;
  readonly retry: RetryPolicy;
  /** Milliseconds since the epoch, for the life of tokens. */
  readonly now: () => number;
}

export const DEFAULT_TRANSPORT: Transport = {
  fetch: (input, init) => globalThis.fetch(input, init),
  answerTimeoutMs: 30_000, // A registry may ask its storage first; containerd's client waits 30 s to connect.
  stallTimeoutMs: 60_000, // A minute without one byte is a dead connection, not a slow one.
  retry: DEFAULT_RETRY,
  now: () => Date.now(),
};

// A short answer is read to its end so that the connection can be used again: cheaper than a new TLS handshake.
const DRAIN_BYTES = 65_536;

/** A body that can be sent again: after a 401 or a failure it is asked for anew. */
export interface RequestBody {
  readonly size: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly url: URL;
  /** May be iterated once; leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the exchange for a caller that does not want the body. */
  discard(): Promise<void>;
}

/** A deadline that is pushed back by each sign of life. */
class Watchdog {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  expect(what: string, withinMs: number): void {
    this.rest();
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TransportError(`${what} for ${withinMs / 1000} s`, { retryable: true }));
    }, withinMs);
    // An upload that the registry cut short leaves it running; the connection alone keeps the process alive.
    this.#timer.unref();
  }

  rest(): void {
    clearTimeout(this.#timer);
  }
}

export async function exchange(
  request: HttpRequest,
  transport: Transport,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const watchdog = new Watchdog();
  const aborted = signal === undefined ? watchdog.signal : AbortSignal.any([signal, watchdog.signal]);
  watchdog.expect('no answer', transport.answerTimeoutMs);
  const sent: SentBody = { failure: undefined };
  let response: Response;
  try {
    response = await transport.fetch(request.url, {
      method: request.method,
      redirect: 'manual',
      signal: aborted,
      headers: {
        'user-agent': 'spindle',
        // Digests are of the stored bytes: a content coding would have to be undone first.
        'accept-encoding': 'identity',
        ...request.headers,
        ...(request.body === undefined ? {} : { 'content-length': String(request.body.size) }),
      },
      ...(request.body === undefined ? {} : bodyInit(request.body, sent, watchdog, transport)),
    });
  } catch (cause) {
    // A body that cannot be read is not the network's fault; fetch hides that behind an error of its own.
    throw sent.failure ?? explained(cause, signal, watchdog);
  } finally {
    watchdog.rest();
  }
  const body = chunksOf(response, watchdog, transport, signal);
  return {
    status: response.status,
    headers: response.headers,
    url: request.url,
    body,
    discard: async () => {
      await readBounded(body, DRAIN_BYTES).catch(() => {
        // expected: whoever discards an answer has its status already, and needs nothing more of it.
      });
    },
  };
}

interface SentBody {
  failure: unknown;
}

function bodyInit(body: RequestBody, sent: SentBody, watchdog: Watchdog, transport: Transport): RequestInit {
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of body.open()) {
        watchdog.expect('the registry took no data', transport.stallTimeoutMs);
        yield chunk;
      }
    } catch (error) {
      sent.failure = error;
      throw error;
    }
    watchdog.expect('no answer', transport.answerTimeoutMs);
  }
  return { body: ReadableStream.from(watched()), duplex: 'half' };
}

async function* chunksOf(
  response: Response,
  watchdog: Watchdog,
  transport: Transport,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) {
    return;
  }
  const reader = response.body.getReader();
  try {
    for (;;) {
      // Only waiting for the network is timed: a consumer may take as long as its disk needs.
      watchdog.expect('no data', transport.stallTimeoutMs);
      const { done, value } = await reader.read();
      watchdog.rest();
      if (done) {
        return;
      }
      yield value;
    }
  } catch (cause) {
    throw explained(cause, signal, watchdog);
  } finally {
    watchdog.rest();
    await reader.cancel().catch(() => {
      // expected: the stream may have failed already, and that failure is on its way to the caller.
    });
  }
}

/** The caller's own abort stays what it is; everything else becomes a `TransportError`. */
function explained(cause: unknown, signal: AbortSignal | undefined, watchdog: Watchdog): unknown {
  if (signal?.aborted === true) {
    return signal.reason;
  }
  if (watchdog.signal.aborted) {
    return watchdog.signal.reason;
  }
  if (cause instanceof TransportError) {
    return cause;
  }
  return transportErrorFrom(cause);
}
