// A response going out over node:http as the host's ResponseOut: only the headers the guest set, plus `date` and
// the length rules of spin-contract.md §3.9 and §7.2. Node's own additions are switched off one by one.
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import type { BodySink, HeaderList, ResponseHead, ResponseOut } from '../../host/http/exchange.ts';
import { CLOSED, type StreamError } from '../../host/io/streams.ts';
import { httpDate } from './date.ts';
import { hasField } from '../../host/http/header-list.ts';

/** What `check-write` offers at once while the client keeps up: wasmtime's chunk size (spec §3.9). */
const CHUNK_BYTES = 1_048_576;

/** A body up to this goes out with the head as one string; beyond it copying costs more than a further part. */
const MAX_WHOLE_BYTES = 16_384;

const LAST_CHUNK = '0\r\n\r\n';

/** Statuses that never have content (RFC 9110 §6.4.1). */
const bodiless = (status: number): boolean => status === 204 || status === 304;

/** True when this message may carry no content because of method or status. */
const withoutContent = (response: ServerResponse, status: number): boolean =>
  response.req.method === 'HEAD' || bodiless(status);

/**
 * Writes the head. `length` is the exact number of bytes to come, or undefined when it is not known: chunked then.
 * Header values are latin1, one char per byte.
 */
export function writeHead(
  response: ServerResponse<IncomingMessage>,
  status: number,
  headers: HeaderList,
  length: number | undefined,
): void {
  const { httpVersionMajor: major, httpVersionMinor: minor } = response.req;
  const http10 = major === 1 && minor === 0;
  const chunked =
    length === undefined && !withoutContent(response, status) && !http10 && !hasField(headers, 'content-length');
  const flat: string[] = [];
  for (const [name, value] of headers) {
    // Only a chunked message can have trailers; node throws at the announcement of some in any other.
    if (chunked || name.toLowerCase() !== 'trailer') {
      flat.push(name, value);
    }
  }
  // The connection's fate is only said where it is not the version's default, as hyper does.
  if (response.shouldKeepAlive === http10) {
    flat.push('connection', http10 ? 'keep-alive' : 'close');
  }
  if (chunked) {
    flat.push('transfer-encoding', 'chunked');
  } else if (length !== undefined) {
    const quiet = bodiless(status) || (length === 0 && response.req.method === 'HEAD');
    if (!quiet && !hasField(headers, 'content-length')) {
      flat.push('content-length', String(length));
    }
  }
  if (!hasField(headers, 'date')) {
    flat.push('date', httpDate());
  }
  // Each call only notes that node must not add the field by itself.
  response.sendDate = false;
  response.removeHeader('connection');
  response.removeHeader('content-length');
  response.removeHeader('transfer-encoding');
  response.writeHead(status, STATUS_CODES[status] ?? '<none>', flat);
}

/** Answers with a status, no content and no further header. */
export function respondEmpty(response: ServerResponse<IncomingMessage>, status: number): void {
  writeHead(response, status, [], 0);
  response.end();
}

/** One response; `failed` hears why when the guest's answer cannot be sent, or not whole. */
export class OutgoingResponse implements ResponseOut {
  readonly #response: ServerResponse<IncomingMessage>;
  readonly #failed: (reason: string) => void;

  constructor(response: ServerResponse<IncomingMessage>, failed: (reason: string) => void) {
    this.#response = response;
    this.#failed = failed;
  }

  respond(head: ResponseHead, hasBody: boolean): BodySink {
    // hyper refuses to send an informational status as the final one: Spin's client gets 500 (golden "guest status 199").
    if (head.status < 200) {
      this.#failed(`the guest answered with status ${head.status}, which cannot be final`);
      return NO_BODY;
    }
    if (!hasBody) {
      writeHead(this.#response, head.status, head.headers, 0);
      this.#response.end();
      return NO_BODY;
    }
    return new ResponseBody(this.#response, head, this.#failed);
  }

  /** A response that is there to its end. */
  respondWhole(head: ResponseHead, chunks: readonly Uint8Array[], bytes: number): void {
    const sink = this.respond(head, true);
    if (sink instanceof ResponseBody && bytes <= MAX_WHOLE_BYTES) {
      sink.sendWhole(chunks, bytes);
      return;
    }
    for (const chunk of chunks) {
      sink.write(chunk);
    }
    sink.finish(null);
  }

  fail(errorCode: unknown): void {
    this.#failed(`the guest answered with error code ${describe(errorCode)}`);
  }
}

/** `internal-error 'what the guest says'`, in one line. */
function describe(errorCode: unknown): string {
  if (typeof errorCode !== 'object' || errorCode === null || !('tag' in errorCode)) {
    return String(errorCode);
  }
  const val = 'val' in errorCode ? errorCode.val : undefined;
  return val === undefined || val === null
    ? String(errorCode.tag)
    : `${String(errorCode.tag)} ${inspect(val, { breakLength: Infinity, compact: true })}`;
}

/** Takes nothing: the response is already whole, or was refused and the trigger answers in its place. */
const NO_BODY: BodySink = {
  ready: () => true,
  wait: async () => {},
  room: () => CLOSED,
  write: () => CLOSED,
  finish: () => {},
  abort: () => {},
};

/**
 * The head waits for the first bytes, so that both go out in one packet, but not beyond this turn of the event loop: a
 * guest may answer long before it has a body. A guest that fails before that leaves a response the trigger can still make.
 */
class ResponseBody implements BodySink {
  readonly #response: ServerResponse<IncomingMessage>;
  readonly #head: ResponseHead;
  readonly #failed: (reason: string) => void;
  #aborted = false;

  constructor(response: ServerResponse<IncomingMessage>, head: ResponseHead, failed: (reason: string) => void) {
    this.#response = response;
    this.#head = head;
    this.#failed = failed;
    setImmediate(() => this.#sendHead());
  }

  ready(): boolean {
    return this.#gone() || !this.#response.writableNeedDrain;
  }

  async wait(): Promise<void> {
    while (!this.ready()) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#response.off('drain', done);
          this.#response.off('close', done);
          resolve();
        };
        this.#response.on('drain', done);
        this.#response.on('close', done);
      });
    }
  }

  room(): number | StreamError {
    if (this.#gone()) {
      return CLOSED;
    }
    return this.#response.writableNeedDrain ? 0 : CHUNK_BYTES;
  }

  write(chunk: Uint8Array): StreamError | undefined {
    if (this.#gone()) {
      return CLOSED;
    }
    if (chunk.length > 0) {
      this.#begin();
      this.#response.write(chunk);
    }
    return undefined;
  }

  finish(trailers: HeaderList | null): void {
    if (this.#gone()) {
      return;
    }
    this.#begin();
    if (trailers !== null && trailers.length > 0) {
      this.#response.addTrailers(trailers as unknown as [string, string][]);
    }
    this.#response.end();
  }

  /** A cut connection is what tells an HTTP/1.1 client that the message is not whole; before the head a status can. */
  abort(reason: string): void {
    if (this.#gone()) {
      return;
    }
    this.#aborted = true;
    this.#failed(reason);
    if (this.#response.headersSent) {
      this.#response.destroy();
    }
  }

  /** Hands the head to node, which sends it with the first bytes. */
  #begin(): void {
    if (!this.#response.headersSent) {
      writeHead(this.#response, this.#head.status, this.#head.headers, undefined);
    }
  }

  #sendHead(): void {
    if (!this.#response.headersSent && !this.#gone()) {
      this.#begin();
      this.#response.flushHeaders();
    }
  }

  /** Head and body in one write: parts of their own would cost more than all the rest of a small response. */
  sendWhole(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.#gone()) {
      return;
    }
    this.#begin();
    const response: ServerResponse & { chunkedEncoding?: boolean } = this.#response;
    let text = '';
    for (const { buffer, byteOffset, length } of chunks) {
      text += Buffer.from(buffer, byteOffset, length).toString('latin1');
    }
    if (response.chunkedEncoding === true) {
      // RFC 9112 §7.1, in place of node's framing, which is a part for every line.
      response.chunkedEncoding = false;
      text = bytes === 0 ? LAST_CHUNK : `${bytes.toString(16)}\r\n${text}\r\n${LAST_CHUNK}`;
    }
    response.end(text, 'latin1');
  }

  #gone(): boolean {
    return this.#aborted || this.#response.destroyed || this.#response.writableEnded;
  }
}
