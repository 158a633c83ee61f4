// Calls of one component by another, in this process: the route of every component, private ones too, is `/...`; and
// calls of the app by itself, by its routes (spin-contract.md §3.6).
import type { BodySink, ResponseHead } from '../../host/http/exchange.ts';
import type { FixedAnswer } from './well-known.ts';
import { bodiless } from './reply.ts';
import { BodyChannel, type LocalRequest, type TakeResponse } from '../../host/http/index.ts';
import type { RequestSource } from './call.ts';
import { noBody } from './incoming-body.ts';
import { spinHeaders, type RequestOrigin } from './request-headers.ts';
import type { TriggerResponse } from './staged-output.ts';

/** What a called component sees of its caller (spec §3.6). */
const CALLER_ADDRESS = '0.0.0.0:0';

/** What the app sees that calls itself; Spin makes a connection, of which the port means nothing. */
export const SELF_ADDRESS = '127.0.0.1:0';

/** What a request to another component is told of. */
export function chainedOrigin({ pathWithQuery, headers }: LocalRequest): RequestOrigin {
  const [pathInfo = ''] = pathWithQuery.split('?', 1);
  return {
    route: { raw: '/...', pathInfo, captures: [] },
    facts: { scheme: 'http', host: undefined, pathWithQuery, clientAddress: CALLER_ADDRESS },
    headers,
  };
}

export function localRequestSource(request: LocalRequest, origin: RequestOrigin): RequestSource {
  const { method, pathWithQuery, authority, body } = request;
  const headers = [...request.headers, ...spinHeaders(origin.route, origin.facts)];
  return {
    method,
    origin,
    repeatable: body === undefined,
    make: () => ({ method, pathWithQuery, scheme: 'http', authority, headers, body: body?.() ?? noBody() }),
  };
}

/** Takes the guest's answer and hands it to the caller; the body follows as it is written. */
export class LocalResponse implements TriggerResponse {
  readonly #take: TakeResponse;
  #body: BodyChannel | undefined;
  /** Of the answer, once there is one. */
  status = 0;

  constructor(take: TakeResponse) {
    this.#take = take;
  }

  get begun(): boolean {
    return this.#body !== undefined;
  }

  respond(head: ResponseHead, hasBody: boolean): BodySink {
    const channel = new BodyChannel();
    this.#body = channel;
    this.status = head.status;
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

/** As over a connection: an answer to HEAD, and some statuses, have no content whatever the component writes. */
export const takeByMethod =
  (method: string, respond: TakeResponse): TakeResponse =>
  (head, body) => {
    if (method === 'HEAD' || bodiless(head.status)) {
      body.stream[Symbol.dispose]();
      respond(head, noBody());
    } else {
      respond(head, body);
    }
  };

/** Not before the caller waits. */
export function answerLocally({ status, headers, body }: FixedAnswer, respond: TakeResponse): () => void {
  void Promise.resolve().then(() => new LocalResponse(respond).respondWhole({ status, headers }, [body]));
  return () => {};
}
