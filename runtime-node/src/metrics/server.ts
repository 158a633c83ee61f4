// `/metrics` on an address of its own, so that it need not be reachable from where the app is.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '@spindle/api';
import type { Exposition } from './registry.ts';

export interface MetricsServer {
  readonly address: MetricsAddress;
  close(): Promise<void>;
}

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** `expose` is asked at each scrape. */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  expose: () => Promise<Exposition>,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    // The query is for others.
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    expose().then(
      ({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new UserError(`cannot serve metrics on ${host}:${port}: ${cause.message}`, {
          code: 'SPK4031',
          field: '--metrics-listen',
          remedy: 'Give an address of this machine and a port that is free.',
          cause,
        }),
      ),
    );
    server.listen({ host, port }, resolve);
  });
  return {
    address: { host, port: (server.address() as AddressInfo).port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
