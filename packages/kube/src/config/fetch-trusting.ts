// As much of fetch as asking an identity provider takes, with an authority that only this provider is trusted by: Node's own
// fetch takes none.
import { once } from 'node:events';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Somebody waits for what is asked with the token. */
const DEADLINE_MS = 30_000;

interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function fetchTrusting(ca: Buffer): (url: string, options: FetchOptions) => Promise<Response> {
  return async (url, { method = 'GET', headers = {}, body }) => {
    const options: RequestOptions = { method, headers, ca, agent: false, signal: AbortSignal.timeout(DEADLINE_MS) };
    const asked = request(url, options);
    asked.end(body === undefined || body === null ? undefined : String(body));
    const [response]: IncomingMessage[] = await once(asked, 'response');
    if (response === undefined) {
      throw new Error('no response');
    }
    const { statusCode = 500, headers: received } = response;
    return new Response(await buffer(response), {
      status: statusCode,
      headers: { 'content-type': received['content-type'] ?? '' },
    });
  };
}
