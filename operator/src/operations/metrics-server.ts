// Serves /metrics: with HTTPS for those whom the cluster allows it, or plain for all (control-plane contract §4.1).
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as NetServer } from 'node:net';
import type { Registry } from 'prom-client';
import type { KeyPair } from '../admission/server.ts';
import type { Access } from './access-review.ts';

/** A scraper sends a line or two; slower ones are none. */
const REQUEST_MS = 10_000;

export interface MetricsServerOptions {
  readonly registry: Registry;
  /** Undefined: plain HTTP, and everybody may. */
  readonly secure:
    | {
        readonly pair: KeyPair;
        readonly http2: boolean;
        readonly review: (authorization: string | undefined, path: string) => Promise<Access>;
      }
    | undefined;
  readonly onError: (error: unknown) => void;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = Pick<ServerResponse | Http2ServerResponse, 'statusCode' | 'setHeader'> & { end(body: string): unknown };

/** Not listening yet. */
export function metricsServer(options: MetricsServerOptions): NetServer {
  const { secure } = options;
  const handle = (request: Request, response: Response): void => {
    answer(request, response, options).catch((error: unknown) => {
      // expected: the API server cannot be asked who this is.
      options.onError(error);
      reply(response, 500, 'Authentication failed');
    });
  };
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
  if (secure === undefined) {
    return createHttpServer(limits, handle);
  }
  const tls = { ...secure.pair, minVersion: 'TLSv1.2' as const };
  return secure.http2
    ? createSecureServer({ ...tls, allowHTTP1: true }, handle)
    : (createHttpsServer({ ...tls, ...limits }, handle) satisfies Server);
}

async function answer(request: Request, response: Response, { registry, secure }: MetricsServerOptions): Promise<void> {
  request.resume();
  const path = (request.url ?? '/').split('?')[0];
  const access: Access =
    secure === undefined ? { kind: 'allowed' } : await secure.review(request.headers.authorization, '/metrics');
  switch (access.kind) {
    case 'anonymous':
      reply(response, 401, 'Unauthorized');
      return;
    case 'unknown':
      reply(response, 401, 'Authentication failed');
      return;
    case 'denied':
      reply(response, 403, `Authorization denied for user ${access.user}`);
      return;
    case 'allowed':
      break;
  }
  if (path !== '/metrics') {
    reply(response, 404, 'not found');
    return;
  }
  response.setHeader('content-type', registry.contentType);
  response.end(await registry.metrics());
}

function reply(response: Response, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}
