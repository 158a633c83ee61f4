// The span of an outgoing request, and the fields by which its receiver knows the trace (spin-contract.md §8.1).
import type { OpenSpan } from '../../telemetry/span.ts';
import type { Guest } from '../guest.ts';
import type { HeaderList } from './exchange.ts';
import type { RemoteTarget, SelfTarget } from './target.ts';
import type { Answer } from './types/future-incoming-response.ts';
import { methodName } from './types/method.ts';
import type { OutgoingRequest } from './types/outgoing-request.ts';

interface Checked {
  readonly target: RemoteTarget | SelfTarget;
  readonly pathWithQuery: string;
}

/** Undefined when nothing is recorded. */
export function beginSend(
  { call: { trace } }: Guest,
  request: OutgoingRequest,
  { target, pathWithQuery }: Checked,
): OpenSpan | undefined {
  if (trace === undefined || !trace.records) {
    return undefined;
  }
  const method = methodName(request.method());
  const where =
    target.kind === 'self'
      ? { 'url.full': pathWithQuery }
      : {
          'url.full': `${target.origin.scheme}://${target.authority}${pathWithQuery}`,
          'server.address': target.origin.host,
          'server.port': target.origin.port,
        };
  return trace.begin(
    { name: method, kind: 'client', attributes: { 'http.request.method': method, ...where } },
    trace.ownContext(request.headers().toHeaderList()),
  );
}

export const outgoingFields = ({ call }: Guest, request: OutgoingRequest, span: OpenSpan | undefined): HeaderList => {
  const fields = request.headers().toHeaderList();
  return call.trace?.outgoing(fields, span) ?? fields;
};

export function endSend({ component }: Guest, span: OpenSpan | undefined, answer: Answer): void {
  component.counted?.('spin_outbound_http.send_request', answer.tag === 'ok');
  if (answer.tag === 'err') {
    span?.set({ 'error.type': answer.val.tag });
    span?.end(answer.val.tag);
    return;
  }
  span?.set({ 'http.response.status_code': answer.val.status });
  span?.end();
}
