// The `incoming-response` resource: the answer to a request that the guest sent.
import { err, ok, type Result } from '../../../component/index.ts';
import type { HeaderList, IncomingBody as ReceivedBody } from '../exchange.ts';
import { Fields } from './fields.ts';
import { cancel, IncomingBody } from './incoming-body.ts';

/** A response as it came over the wire. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: ReceivedBody;
}

export class IncomingResponse implements Disposable {
  readonly #received: ReceivedResponse;
  #headers: Fields | undefined;
  #consumed = false;

  constructor(received: ReceivedResponse) {
    this.#received = received;
  }

  status(): number {
    return this.#received.status;
  }

  headers(): Fields {
    this.#headers ??= Fields.received(this.#received.headers);
    return this.#headers;
  }

  consume(): Result<IncomingBody, undefined> {
    if (this.#consumed) {
      return err(undefined);
    }
    this.#consumed = true;
    return ok(new IncomingBody(this.#received.body));
  }

  [Symbol.dispose](): void {
    if (!this.#consumed) {
      this.#consumed = true;
      cancel(this.#received.body);
    }
  }
}
