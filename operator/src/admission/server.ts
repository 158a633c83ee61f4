// The HTTPS server that the API server asks. Whoever reaches the port can send anything: bodies are bounded, and an answer
// comes in time or not at all.
import { createServer, type Server } from 'node:https';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { answerReview, readReview, WEBHOOK_PATHS, type KnownExecutors, type WebhookPath } from './review.ts';

/** etcd keeps objects of up to 1.5 MiB; a review holds two, and some more. */
const MAX_BODY_BYTES = 4 << 20;

/** The API server waits ten seconds by default; a client that is slower than this is not the API server. */
const REQUEST_MS = 8000;

/**
 * The API server gives up an idle connection after 90 seconds (Go's transport). Who closes first must be the one that asks: a
 * request that sets out on a connection which is being closed fails, and with it somebody's `kubectl apply`.
 */
const KEEP_ALIVE_MS = 120_000;

/** Requests of one connection are answered one after the other, and the API server opens few connections. */
const MAX_CONNECTIONS = 1000;

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Hears of every review; `seconds` is how long the answer took. */
export type ReviewObserver = (path: WebhookPath, code: number, seconds: number) => void;

export function admissionApp(executors: KnownExecutors, observe: ReviewObserver = () => {}): Express {
  const app = express();
  app.disable('x-powered-by');
  for (const path of Object.values(WEBHOOK_PATHS)) {
    app.post(path, express.json({ limit: MAX_BODY_BYTES, type: () => true }), (request, response) => {
      const begun = performance.now();
      const review = readReview(request.body);
      if (review === undefined) {
        response.status(400).type('text/plain').send('not an AdmissionReview of admission.k8s.io/v1\n');
      } else {
        response.json(answerReview(path, review, executors));
      }
      observe(path, response.statusCode, (performance.now() - begun) / 1000);
    });
  }
  app.use(((error: { status?: number }, _request, response, _next) => {
    // Nothing of the body is repeated: it is not ours, and may be anybody's.
    response
      .status(error.status ?? 500)
      .type('text/plain')
      .send('the body cannot be read\n');
  }) satisfies ErrorRequestHandler);
  return app;
}

/** Not listening yet. `setSecureContext` of the server takes a renewed certificate. */
export function admissionServer(app: Express, { cert, key }: KeyPair): Server {
  const server = createServer(
    { cert, key, minVersion: 'TLSv1.2', requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    app,
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}
