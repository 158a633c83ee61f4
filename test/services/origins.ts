// What the cases of `llm` and `http` talk to: a model behind HTTP, and an HTTP server that says what it was asked.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RunningOrigin {
  readonly address: string;
  stop(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString();
}

async function listening(listener: RequestListener): Promise<RunningOrigin> {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Spin's protocol of `remote_http`; the answer holds what was asked, so that a case sees what was sent. */
export const startModel = (): Promise<RunningOrigin> =>
  listening((request, response) => {
    void bodyOf(request).then((text) => {
      const { prompt, options } = JSON.parse(text) as { prompt?: string; options?: object };
      if (prompt === 'fail' || request.headers.authorization !== 'bearer s3cret') {
        response.writeHead(500).end('the model is away');
        return;
      }
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify(
          request.url === '/infer'
            ? { text: JSON.stringify({ prompt, options }), usage: { promptTokenCount: 1, generatedTokenCount: 2 } }
            : { embeddings: [[0.5, -1], [2]], usage: { promptTokenCount: 3 } },
        ),
      );
    });
  });

export const startOrigin = (): Promise<RunningOrigin> =>
  listening((request, response) => {
    void bodyOf(request).then((body) => {
      const { method, url, headers } = request;
      response.statusCode = url === '/missing' ? 404 : 200;
      response.setHeader('content-type', 'text/plain');
      response.end(`${method} ${url} ${headers['x-case'] ?? '-'} ${body}`);
    });
  });
