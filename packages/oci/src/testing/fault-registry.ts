// A registry that misbehaves on purpose. What a well-behaved one does is tested against a real one
// (`*.services.test.ts`); this double exists for the answers that a real one never gives.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { RegistryOptions } from '../types.ts';

export interface FaultRegistry {
  /** `127.0.0.1:<port>`, the registry of references to it. */
  readonly host: string;
  /** `GET /v2/…`, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
}

export interface RecordedRequest {
  /** Method and URL. */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answer = (request: RecordedRequest, response: ServerResponse) => void;

/** Runs until the test ends. */
export async function startFaultRegistry(answer: Answer): Promise<FaultRegistry> {
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const line = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
      const request = { line, headers: incoming.headers, body: Buffer.concat(chunks) };
      requests.push(request);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Options that reach it and never wait: every delay is recorded instead. */
export function impatient(waits: number[] = []): RegistryOptions {
  return {
    insecure: true,
    transport: {
      retry: {
        attempts: 3,
        firstDelayMs: 100,
        maxDelayMs: 10_000,
        random: () => 0,
        sleep: async (ms) => {
          waits.push(ms);
        },
      },
    },
  };
}

export function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body: string | Uint8Array = '',
): void {
  response.writeHead(status, headers);
  response.end(body);
}
