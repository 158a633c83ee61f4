// A response over node:http. Node's own additions are switched off one by one.
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { HeaderList, ResponseHead } from '../../../host/http/exchange.ts';
import { hasField } from '../../../host/http/header-list.ts';
import { httpDate } from '../date.ts';
import { answer } from '../listener/malformed.ts';
import { bodiless, respondEmpty, type Reply } from '../reply.ts';

const LAST_CHUNK = '0\r\n\r\n';

type Response = ServerResponse<IncomingMessage>;

export class Http1Reply implements Reply {
  /** Node takes three digits. */
  readonly greatestStatus = 999;
  readonly #response: Response;
  readonly #onLast: () => void;
  /** The status that went out beside node's response. */
  #refused: number | undefined;

  /** `onLast`: no further request of the connection will be answered. */
  constructor(response: Response, onLast: () => void = () => {}) {
    this.#response = response;
    this.#onLast = onLast;
  }

  get status(): number {
    return this.#refused ?? this.#response.statusCode;
  }

  get headSent(): boolean {
    return this.#refused !== undefined || this.#response.headersSent;
  }

  get over(): boolean {
    return this.#refused !== undefined || this.#response.destroyed || this.#response.writableEnded;
  }

  get whole(): boolean {
    return this.#refused !== undefined || this.#response.writableFinished;
  }

  get full(): boolean {
    return this.#response.writableNeedDrain;
  }

  get taken(): number {
    const { socket } = this.#response.req;
    return socket.bytesWritten - socket.writableLength;
  }

  head(status: number, headers: HeaderList, length: number | undefined): void {
    const response = this.#response;
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

  flush(): void {
    this.#response.flushHeaders();
  }

  write(chunk: Uint8Array): void {
    if (chunk.length > 0) {
      this.#response.write(chunk);
    }
  }

  end(trailers: HeaderList = []): void {
    if (trailers.length > 0) {
      this.#response.addTrailers(trailers as unknown as [string, string][]);
    }
    this.#response.end();
  }

  /** In one write: parts of their own would cost more than all the rest of a small response. */
  sendWhole({ status, headers }: ResponseHead, chunks: readonly Uint8Array[], bytes: number): void {
    this.head(status, headers, undefined);
    const response: Response & { chunkedEncoding?: boolean } = this.#response;
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

  drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.#response.off('close', done);
        resolve();
      };
      this.#response.on('drain', done);
      this.#response.on('close', done);
    });
  }

  /** A cut connection is what tells an HTTP/1.1 client that the message is not whole. */
  cut(): void {
    this.#response.destroy();
  }

  closeAfter(): void {
    this.#response.shouldKeepAlive = false;
    this.#onLast();
  }

  refuse(status: number): void {
    const { req: request, socket } = this.#response;
    if (this.headSent) {
      this.cut();
      return;
    }
    if (socket === null) {
      // Others are to be answered first.
      this.closeAfter();
      respondEmpty(this, status);
      return;
    }
    this.#onLast();
    this.#refused = status;
    // Node would close at once behind its own response, and what the client still sends would then reset the answer.
    request.removeAllListeners('readable');
    request.resume();
    answer(socket, `${status} ${STATUS_CODES[status] ?? '<none>'}`);
  }

  /** Node reads the rest of the body away, so that the connection can serve on. */
  release(): void {}

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }
}

/** True when this message may carry no content because of method or status. */
const withoutContent = (response: Response, status: number): boolean =>
  response.req.method === 'HEAD' || bodiless(status);
