// What `incoming-request` and `incoming-response` share: immutable headers, and a body that is taken once.
import { err, ok, type Result } from '../../../component/index.ts';
import type { HeaderList, IncomingBody as ReceivedBody } from '../exchange.ts';
import { Fields } from './fields.ts';
import { cancel, IncomingBody } from './incoming-body.ts';

export abstract class IncomingMessage implements Disposable {
  readonly #received: { readonly headers: HeaderList; readonly body: ReceivedBody };
  #headers: Fields | undefined;
  #consumed = false;

  constructor(received: { readonly headers: HeaderList; readonly body: ReceivedBody }) {
    this.#received = received;
  }

  /** Every handle may share the one object, since nobody can change it. */
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

  /** A body that nobody took must not hold its connection. */
  [Symbol.dispose](): void {
    if (!this.#consumed) {
      this.#consumed = true;
      cancel(this.#received.body);
    }
  }
}
