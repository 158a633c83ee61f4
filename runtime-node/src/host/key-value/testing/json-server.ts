// An HTTP server on the loopback that answers requests of JSON, for stand-ins of cloud services.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JsonRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface JsonAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface JsonServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
}

export async function startJsonServer(answer: (request: JsonRequest, url: string) => JsonAnswer): Promise<JsonServer> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const { method = 'GET', url: path = '/', headers } = request;
      const asked = { method, path, headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
      const { status = 200, headers: answered = {}, body } = answer(asked, url());
      response.writeHead(status, { 'content-type': 'application/json', ...answered });
      response.end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: url(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
