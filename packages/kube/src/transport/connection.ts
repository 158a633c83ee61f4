// One connection to the API server, or one pool of them, by either version of HTTP.
import type { IncomingHttpHeaders as Http1Headers } from 'node:http';
import type { IncomingHttpHeaders as Http2Headers } from 'node:http2';
import type { Readable } from 'node:stream';
import type { CredentialHeaders } from './access.ts';
import type { Method } from './types.ts';

export interface Outgoing {
  readonly method: Method;
  /** With the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: CredentialHeaders;
  readonly body: Buffer | undefined;
  readonly guard: (() => void) | undefined;
}

export interface Incoming {
  readonly status: number;
  readonly headers: Http1Headers | Http2Headers;
  /** An error of it is a TransportError or the reason of the signal. */
  readonly body: Readable;
  /** Why the body broke off, once nothing more comes of it; `error` is what its reader got. Undefined when it is whole. */
  failure(error?: unknown): Error | undefined;
}

export interface Connection {
  /** Takes another exchange now. */
  readonly hasRoom: boolean;
  /** Will take none any more. */
  readonly isOver: boolean;
  /** Ends as soon as the signal aborts, at any time until the body's end. */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<Incoming>;
  /** Takes no other exchange; what is under way goes on. */
  retire(): void;
  destroy(reason: Error): void;
}

/** The server has not begun to look at the request: another connection may take it, whatever its method. */
export class Unprocessed extends Error {
  override readonly name = 'Unprocessed';
}

/** The stream was closed before its reader came to the end: of no consequence when all of it is read by now. */
export const isPrematureClose = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
