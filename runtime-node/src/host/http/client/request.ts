// A request as the client puts it on the wire: everything decided, nothing left to check.
import type { HeaderList } from '../exchange.ts';
import type { TlsTrust } from '../client-tls/client-tls.ts';
import type { BodyPipe } from '../types/body-pipe.ts';

/** Where a request goes. */
export interface Origin {
  readonly scheme: 'http' | 'https';
  /** As `Endpoint.host`. */
  readonly host: string;
  readonly port: number;
}

export interface WireRequest {
  readonly origin: Origin;
  /** Of a connection with TLS. */
  readonly trust: TlsTrust;
  readonly method: string;
  /** Begins with a slash. */
  readonly path: string;
  /** Host and, unless it is the scheme's own, port: the `host` field or `:authority`. */
  readonly authority: string;
  /** Without hop-by-hop fields and `host`. */
  readonly headers: HeaderList;
  /** undefined: no content. */
  readonly body: BodyPipe | undefined;
  /** Between two pieces of the response's body. */
  readonly betweenBytesMs: number;
}

/** Where connections are shared: same scheme, host and port, and for TLS the same authorities and certificate. */
export const connectionKey = ({ origin: { scheme, host, port }, trust }: WireRequest): string =>
  scheme === 'https' ? `https://${host}:${port} ${trust.id}` : `${scheme}://${host}:${port}`;

/** Text in which each char is one byte of `text` in UTF-8, as Node writes header text. */
export const asLatin1 = (text: string): string => Buffer.from(text).toString('latin1');
