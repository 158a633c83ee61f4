// /healthz and /readyz, in the form of Kubernetes' own: `ok`, or every check with what is wrong with it. Plain HTTP and open
// to everybody, so no check says more than a sentence.
import { createServer, type Server } from 'node:http';

/** Undefined when all is well, else what is not. */
export type Check = () => string | undefined;

export type Checks = Readonly<Record<string, Check>>;

/** Not listening yet. */
export function healthServer(alive: Checks, ready: Checks): Server {
  const server = createServer((request, response) => {
    request.resume();
    const [path, query] = (request.url ?? '/').split('?');
    const checks = path === '/healthz' || path === '/livez' ? alive : path === '/readyz' ? ready : undefined;
    if (checks === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      return;
    }
    const results = Object.entries({ ping: () => undefined, ...checks }).map(([name, check]) => ({
      name,
      why: check(),
    }));
    const isWell = results.every(({ why }) => why === undefined);
    const lines = results.map(({ name, why }) =>
      why === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${why}\n`,
    );
    const body = isWell && query !== 'verbose' ? 'ok' : lines.join('');
    response.writeHead(isWell ? 200 : 500, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
  });
  // Probes come every few seconds and are short; nobody else has anything to do here.
  server.maxConnections = 100;
  return server;
}
