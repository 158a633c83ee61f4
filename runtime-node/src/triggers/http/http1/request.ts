// A request over node:http (spin-contract.md §3.4, §3.10).
import type { IncomingMessage } from 'node:http';
import type { HeaderList, IncomingBody } from '../../../host/http/exchange.ts';
import { pairs } from '../../../host/http/header-list.ts';
import { noBody, receivedBody } from '../incoming-body.ts';
import { peerAddress } from '../address.ts';
import type { BodyLimits, WireRequest } from '../wire-request.ts';

export class Http1Request implements WireRequest {
  readonly authority = undefined;
  readonly headerBytes = 0;
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  get method(): string {
    return this.#message.method ?? 'GET';
  }

  get target(): string {
    return this.#message.url ?? '/';
  }

  get host(): string | undefined {
    return this.#message.headers.host;
  }

  /** Node keeps the first, as if there were no others. */
  get manyHosts(): boolean {
    const { rawHeaders } = this.#message;
    let hosts = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] as string;
      if (name.length === 4 && name.toLowerCase() === 'host') {
        hosts += 1;
      }
    }
    return hosts > 1;
  }

  get fieldCount(): number {
    return this.#message.rawHeaders.length / 2;
  }

  get clientAddress(): string {
    return peerAddress(this.#message.socket);
  }

  /** RFC 9112 §6: a request has a body when one of these two fields is there. */
  get hasBody(): boolean {
    const { headers } = this.#message;
    return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
  }

  /** The parser has let nothing but digits pass. */
  get declaredLength(): number | undefined {
    const declared = this.#message.headers['content-length'];
    return declared === undefined ? undefined : Number(declared);
  }

  fields(): HeaderList {
    return pairs(this.#message.rawHeaders);
  }

  /** One that cannot have content costs no listener. */
  body(limits: BodyLimits): IncomingBody {
    const message = this.#message;
    return this.hasBody
      ? receivedBody(message, limits, {
          isWhole: () => message.complete,
          trailers: () => (message.rawTrailers.length === 0 ? null : pairs(message.rawTrailers)),
        })
      : noBody();
  }
}
