// The `response` resource of WASI 0.3: a guest's answer, or the answer to a request that it has sent.
import { err, ok, type Result } from '../../../component/index.ts';
import { Fields } from '../types/fields.ts';
import type { ReceivedResponse } from '../types/incoming-response.ts';
import { ReceivedContents } from './contents.ts';
import { Message } from './message.ts';

const OK = 200;
/** As `outgoing-response` of 0.2: what three digits can say. */
const LEAST = 100;
const MOST = 999;

export class Response extends Message {
  #status = OK;

  static received({ status, headers, body }: ReceivedResponse): Response {
    const response = new Response(Fields.received(headers), new ReceivedContents(body));
    response.#status = status;
    return response;
  }

  get status(): number {
    return this.#status;
  }

  setStatus(status: number): Result<undefined, undefined> {
    if (status < LEAST || status > MOST) {
      return err(undefined);
    }
    this.#status = status;
    return ok(undefined);
  }
}
