// The spans of a request from outside and of the guest that answers it, with Spin's names (spin-contract.md §8.1).
import type { CallTrace } from '../../telemetry/call-trace.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { RequestSource } from './call.ts';
import type { Reply } from './reply.ts';

export function traceRequest(
  tracing: Tracing,
  component: string,
  { origin: { route, facts, headers }, method }: RequestSource,
  reply: Reply,
): CallTrace {
  const [path = '', ...query] = facts.pathWithQuery.split('?');
  const peer = facts.clientAddress;
  const port = peer.lastIndexOf(':');
  const address = peer.slice(0, port).replace(/^\[(.*)\]$/, '$1');
  const forwarded = headers
    .find(([name]) => name === 'x-forwarded-for')?.[1]
    .split(',', 1)[0]
    ?.trim();
  const span = tracing.received(
    {
      name: `${method} ${route.raw}`,
      kind: 'server',
      attributes: {
        'http.request.method': method,
        'http.route': route.raw,
        'network.peer.address': address,
        'network.peer.port': Number(peer.slice(port + 1)),
        'network.protocol.name': 'http',
        'url.path': path,
        ...(query.length === 0 ? {} : { 'url.query': query.join('?') }),
        'url.scheme': facts.scheme,
        'client.address': forwarded || address,
      },
    },
    headers,
  );
  reply.onClose(() => {
    if (!reply.headSent) {
      span.end('the client closed the connection');
      return;
    }
    const { status } = reply;
    span.set({ 'http.response.status_code': status });
    if (status >= FAILED) {
      span.set({ 'error.type': String(status) });
    }
    span.end(status >= FAILED ? '' : undefined);
  });
  return tracing.call(component, headers, span);
}

const FAILED = 500;

/** Runs the guest; its span ends as it does. */
export function recorded(run: () => void | Promise<void>, trace: CallTrace | undefined): void | Promise<void> {
  let running: void | Promise<void>;
  try {
    running = run();
  } catch (error) {
    trace?.executed(error);
    throw error;
  }
  if (running === undefined) {
    trace?.executed();
    return undefined;
  }
  return running.then(
    () => trace?.executed(),
    (error: unknown) => {
      trace?.executed(error);
      throw error;
    },
  );
}
