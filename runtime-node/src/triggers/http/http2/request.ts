// A request over node:http2 (spin-contract.md §3.2, RFC 9113 §8).
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { HeaderList, IncomingBody } from '../../../host/http/exchange.ts';
import { peerAddress } from '../address.ts';
import { noBody, receivedBody } from '../incoming-body.ts';
import type { BodyLimits, WireRequest } from '../wire-request.ts';

/** What a field counts besides name and value (RFC 9113 §6.5.2). */
const FIELD_BYTES = 32;

export class Http2Request implements WireRequest {
  /** RFC 9113 §8.3.1 lets nobody send a second one; nghttp2 resets such a stream. */
  readonly manyHosts = false;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders & Record<string, string | string[] | undefined>;
  readonly #fields: HeaderList;
  #trailers: HeaderList | null = null;

  /** `raw`: names and values by turns, pseudo fields among them. */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: readonly string[]) {
    this.#stream = stream;
    this.#headers = headers;
    this.#fields = plainFields(raw);
    if (this.hasBody) {
      // From now on: they may be here before anybody asks for the body.
      stream.on('trailers', (_headers: unknown, _flags: unknown, trailers: readonly string[]) => {
        this.#trailers = plainFields(trailers);
      });
    }
  }

  get method(): string {
    return this.#pseudo(':method') ?? 'GET';
  }

  get target(): string {
    return this.#pseudo(':path') ?? '/';
  }

  get authority(): string | undefined {
    return this.#pseudo(':authority');
  }

  get host(): string | undefined {
    return this.#headers.host;
  }

  get fieldCount(): number {
    return this.#fields.length;
  }

  get headerBytes(): number {
    return this.#fields.reduce((sum, [name, value]) => sum + name.length + value.length + FIELD_BYTES, 0);
  }

  get clientAddress(): string {
    return peerAddress(this.#stream.session?.socket ?? {});
  }

  get hasBody(): boolean {
    return !this.#stream.endAfterHeaders;
  }

  /** nghttp2 has let nothing but digits pass. */
  get declaredLength(): number | undefined {
    const declared = this.#headers['content-length'];
    return declared === undefined ? undefined : Number(declared);
  }

  fields(): HeaderList {
    return this.#fields;
  }

  body(limits: BodyLimits): IncomingBody {
    const stream = this.#stream;
    if (!this.hasBody) {
      return noBody();
    }
    if (this.#headers.expect?.toLowerCase() === '100-continue' && !stream.headersSent && !stream.closed) {
      stream.additionalHeaders({ ':status': constants.HTTP_STATUS_CONTINUE });
    }
    return receivedBody(stream, limits, {
      isWhole: () => !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR,
      trailers: () => this.#trailers,
    });
  }

  #pseudo(name: string): string | undefined {
    const value = this.#headers[name];
    return typeof value === 'string' ? value : undefined;
  }
}

/** Without pseudo fields, and with the crumbs of a cookie made one again (RFC 9113 §8.2.3). */
function plainFields(raw: readonly string[]): HeaderList {
  const fields: [string, string][] = [];
  let cookie: [string, string] | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name, value] = [raw[index] as string, raw[index + 1] as string];
    if (name.startsWith(':')) {
      continue;
    }
    if (name === 'cookie' && cookie !== undefined) {
      cookie[1] += `; ${value}`;
      continue;
    }
    const field: [string, string] = [name, value];
    fields.push(field);
    if (name === 'cookie') {
      cookie = field;
    }
  }
  return fields;
}
