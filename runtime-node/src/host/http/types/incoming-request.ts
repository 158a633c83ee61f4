// The `incoming-request` resource: what a trigger received, converted only as far as the guest asks.
import type { IncomingRequest as ReceivedRequest } from '../exchange.ts';
import { IncomingMessage } from './incoming-message.ts';
import { methodOf, schemeOf, type Method, type Scheme } from './method.ts';

export class IncomingRequest extends IncomingMessage {
  readonly #received: ReceivedRequest;

  constructor(received: ReceivedRequest) {
    super(received);
    this.#received = received;
  }

  method(): Method {
    return methodOf(this.#received.method);
  }

  pathWithQuery(): string | undefined {
    return this.#received.pathWithQuery ?? undefined;
  }

  scheme(): Scheme {
    return schemeOf(this.#received.scheme);
  }

  authority(): string {
    return this.#received.authority;
  }
}
