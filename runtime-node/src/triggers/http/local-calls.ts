// Calls of one component by another, in this process: the route of every component, private ones too, is `/...`
// (spin-contract.md §3.6).
import type { BodySink, ResponseHead } from '../../host/http/exchange.ts';
import { BodyChannel, type LocalRequest, type TakeResponse } from '../../host/http/index.ts';
import type { RequestSource } from './call.ts';
import { noBody } from './incoming-body.ts';
import { spinHeaders, type RequestOrigin } from './request-headers.ts';
import type { TriggerResponse } from './staged-output.ts';

/** What a called component sees of its caller (spec §3.6). */
const CALLER_ADDRESS = '0.0.0.0:0';

export function localRequestSource(request: LocalRequest): RequestSource {
  const { method, pathWithQuery, authority, body } = request;
  const [pathInfo = ''] = pathWithQuery.split('?', 1);
  const origin: RequestOrigin = {
    route: { raw: '/...', pathInfo, captures: [] },
    facts: { scheme: 'http', host: undefined, pathWithQuery, clientAddress: CALLER_ADDRESS },
    headers: request.headers,
  };
  const headers = [...request.headers, ...spinHeaders(origin.route, origin.facts)];
  return {
    origin,
    repeatable: body === undefined,
    make: () => ({ method, pathWithQuery, scheme: 'http', authority, headers, body: body?.() ?? noBody() }),
  };
}

/** Takes the guest's answer and hands it to the caller; the body follows as it is written. */
export class LocalResponse implements TriggerResponse {
  readonly #take: TakeResponse;
  #body: BodyChannel | undefined;

  constructor(take: TakeResponse) {
    this.#take = take;
  }

  get begun(): boolean {
    return this.#body !== undefined;
  }

  respond(head: ResponseHead, hasBody: boolean): BodySink {
    const channel = new BodyChannel();
    this.#body = channel;
    this.#take(head, channel.body);
    if (!hasBody) {
      channel.sink.finish(null);
    }
    return channel.sink;
  }

  respondWhole(head: ResponseHead, chunks: readonly Uint8Array[]): void {
    const sink = this.respond(head, true);
    for (const chunk of chunks) {
      sink.write(chunk);
    }
    sink.finish(null);
  }

  fail(): void {
    this.settle(500, true);
  }

  /**
   * The guest has returned or failed: what it has not answered is answered here, what a guest that failed has not ended
   * is cut. Of one that returned, the caller may still have the end of the body to read.
   */
  settle(status: number, failed: boolean): void {
    if (this.#body === undefined) {
      this.respond({ status, headers: [] }, false);
    } else if (failed) {
      this.#body.sink.abort('the component ended before its response');
    }
  }
}
