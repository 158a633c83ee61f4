// The `incoming-response` resource: the answer to a request that the guest sent.
import type { HeaderList, IncomingBody as ReceivedBody } from '../exchange.ts';
import { IncomingMessage } from './incoming-message.ts';

/** A response as it came over the wire. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: ReceivedBody;
}

export class IncomingResponse extends IncomingMessage {
  readonly #status: number;

  constructor(received: ReceivedResponse) {
    super(received);
    this.#status = received.status;
  }

  status(): number {
    return this.#status;
  }
}
