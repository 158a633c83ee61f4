// A response over node:http2. The same rules as over HTTP/1.1, without what belongs to a connection (RFC 9113 §8.2.2).
import { validateHeaderValue } from 'node:http';
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { HeaderList, ResponseHead } from '../../../host/http/exchange.ts';
import { hasField } from '../../../host/http/header-list.ts';
import { httpDate } from '../date.ts';
import { bodiless, respondEmpty, type Reply } from '../reply.ts';

/** So much is given to node at once: what the client takes is then seen in steps of that size. */
const PIECE_BYTES = 65_536;

/** No more than that waits to be sent; as much as a socket of node takes. */
const HELD_BYTES = 65_536;

/** hyper drops them too. The last belongs to requests. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
]);

export class Http2Reply implements Reply {
  /** Node's own rule. */
  readonly greatestStatus = 599;
  status = 0;
  taken = 0;
  readonly #stream: ServerHttp2Stream & { readonly headRequest?: boolean };
  /** The head has ended the message. */
  #empty = false;
  #ended = false;
  #trailers: HeaderList = [];
  readonly #queue: Uint8Array[] = [];
  /** Bytes in the queue, and those given to node that the client has not taken. */
  #held = 0;
  #sending = 0;
  #waiters: (() => void)[] = [];

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
    stream.once('close', () => this.#wake());
  }

  get headSent(): boolean {
    return this.#stream.headersSent;
  }

  get over(): boolean {
    return this.#ended || this.#gone;
  }

  get whole(): boolean {
    return this.#ended && this.#stream.writableFinished;
  }

  get full(): boolean {
    return this.#held >= HELD_BYTES;
  }

  /** Whether the client owes us taking something. */
  get pending(): boolean {
    return !this.#gone && (this.#held > 0 || (this.#ended && !this.#stream.writableFinished));
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  head(status: number, headers: HeaderList, length: number | undefined): void {
    this.#begin(status, headers, length, length === undefined);
  }

  #begin(status: number, headers: HeaderList, length: number | undefined, trailers: boolean): void {
    if (this.#gone) {
      return;
    }
    const flat: (string | number)[] = [':status', status];
    for (const [name, value] of headers) {
      // Node would send a NUL as the end of the value, and the rest as fields.
      validateHeaderValue(name, value);
      if (!CONNECTION_FIELDS.has(name.toLowerCase())) {
        flat.push(name, value);
      }
    }
    const head = this.#stream.headRequest === true;
    if (length !== undefined && !bodiless(status) && !(length === 0 && head) && !hasField(headers, 'content-length')) {
      flat.push('content-length', String(length));
    }
    if (!hasField(headers, 'date')) {
      flat.push('date', httpDate());
    }
    this.#empty = head || bodiless(status) || length === 0;
    const waitForTrailers = trailers && !this.#empty;
    if (waitForTrailers) {
      this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(trailerObject(this.#trailers)));
    }
    this.#stream.respond(
      flat as unknown as OutgoingHttpHeaders,
      {
        endStream: this.#empty,
        waitForTrailers,
        sendDate: false,
      } as Parameters<ServerHttp2Stream['respond']>[1],
    );
    this.status = status;
  }

  /** Node has sent it already. */
  flush(): void {}

  write(chunk: Uint8Array): void {
    if (this.#empty || this.over || chunk.length === 0) {
      return;
    }
    this.#queue.push(chunk);
    this.#held += chunk.length;
    this.#pump();
  }

  end(trailers: HeaderList = []): void {
    if (this.over) {
      return;
    }
    this.#ended = true;
    this.#trailers = trailers;
    if (!this.#empty) {
      this.#pump();
    }
  }

  sendWhole({ status, headers }: ResponseHead, chunks: readonly Uint8Array[]): void {
    this.#begin(status, headers, undefined, false);
    if (!this.over && !this.#empty) {
      this.#ended = true;
      this.#stream.end(Buffer.concat(chunks));
    }
    this.#ended = true;
  }

  async drained(): Promise<void> {
    if (this.full && !this.over) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  cut(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  /** Streams of other requests go on. */
  closeAfter(): void {}

  refuse(status: number): void {
    if (this.headSent) {
      this.cut();
    } else {
      respondEmpty(this, status);
    }
  }

  /** RFC 9113 §8.1: a client that still sends is asked to stop, once it has its answer. */
  release(): void {
    if (this.#stream.endAfterHeaders || this.#gone) {
      return;
    }
    // In a turn of its own: a reset that goes out with the end of the answer would take the answer with it.
    const later = (): void => {
      setImmediate(() => {
        if (!this.#gone && !this.#stream.readableEnded) {
          this.#stream.close(constants.NGHTTP2_NO_ERROR);
        }
      });
    };
    if (this.whole) {
      later();
    } else {
      this.#stream.once('finish', later);
    }
  }

  onClose(listener: () => void): void {
    this.#stream.once('close', listener);
  }

  /** Gives node as much as is useful. */
  #pump(): void {
    while (this.#sending < PIECE_BYTES) {
      const [chunk] = this.#queue;
      if (chunk === undefined) {
        break;
      }
      const piece = chunk.subarray(0, PIECE_BYTES);
      if (piece.length === chunk.length) {
        this.#queue.shift();
      } else {
        this.#queue[0] = chunk.subarray(piece.length);
      }
      this.#sending += piece.length;
      this.#stream.write(piece, (error) => this.#sent(piece.length, error));
    }
    if (this.#ended && this.#queue.length === 0 && !this.#stream.writableEnded) {
      this.#stream.end();
    }
  }

  #sent(bytes: number, error: Error | null | undefined): void {
    this.#sending -= bytes;
    this.#held -= bytes;
    if (error === undefined || error === null) {
      this.taken += bytes;
      if (!this.#gone) {
        this.#pump();
      }
    }
    if (!this.full) {
      this.#wake();
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

/** Node takes trailers by name only. */
function trailerObject(trailers: HeaderList): OutgoingHttpHeaders {
  const byName: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of trailers) {
    validateHeaderValue(name, value);
    if (!CONNECTION_FIELDS.has(name.toLowerCase())) {
      (byName[name.toLowerCase()] ??= []).push(value);
    }
  }
  return byName;
}
