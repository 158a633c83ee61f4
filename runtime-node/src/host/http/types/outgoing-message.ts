// What `outgoing-request` and `outgoing-response` share: headers that are frozen, and a body that is given once.
import { err, ok, type Result } from '../../../component/index.ts';
import type { Held } from '../../held-bytes.ts';
import type { BodyPipe } from './body-pipe.ts';
import type { Fields } from './fields.ts';
import { declaredLength, OutgoingBody, type MessageKind } from './outgoing-body.ts';

export abstract class OutgoingMessage implements Disposable {
  readonly #kind: MessageKind;
  readonly #headers: Fields;
  #pipe: BodyPipe | undefined;
  #sent = false;

  constructor(kind: MessageKind, headers: Fields) {
    this.#kind = kind;
    this.#headers = headers.freeze();
  }

  headers(): Fields {
    return this.#headers;
  }

  /** `held` counts what waits to be sent. */
  body(held?: Held): Result<OutgoingBody, undefined> {
    const length = declaredLength(this.#headers);
    if (this.#pipe !== undefined || length.tag === 'err') {
      return err(undefined);
    }
    const body = new OutgoingBody(this.#kind, length.val, held);
    this.#pipe = body.pipe;
    return ok(body);
  }

  /** The host's end of the body, undefined when the guest never took it. The message is used up then. */
  send(): BodyPipe | undefined {
    this.#sent = true;
    this.#headers.release();
    return this.#pipe;
  }

  [Symbol.dispose](): void {
    if (!this.#sent) {
      this.#pipe?.disconnect();
    }
    this.#headers.release();
  }
}
