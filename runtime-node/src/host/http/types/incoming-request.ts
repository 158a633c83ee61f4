// The `incoming-request` resource: what a trigger received, converted only as far as the guest asks.
import { err, ok, type Result } from '../../../component/index.ts';
import type { IncomingRequest as ReceivedRequest } from '../exchange.ts';
import { Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { methodOf, schemeOf, type Method, type Scheme } from './method.ts';

export class IncomingRequest implements Disposable {
  readonly #received: ReceivedRequest;
  #headers: Fields | undefined;
  #consumed = false;

  constructor(received: ReceivedRequest) {
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

  /** Immutable, so that every handle may share one object. */
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

  /** A body that nobody took is thrown away, so that the connection can serve the next request. */
  [Symbol.dispose](): void {
    if (!this.#consumed) {
      this.#consumed = true;
      this.#received.body.stream[Symbol.dispose]();
    }
  }
}
