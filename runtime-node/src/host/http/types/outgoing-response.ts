// The `outgoing-response` resource: status, headers and body of the guest's answer.
import { err, ok, type Result } from '../../../component/index.ts';
import type { BodyPipe } from './body-pipe.ts';
import type { Fields } from './fields.ts';
import { declaredLength, OutgoingBody } from './outgoing-body.ts';

const OK_STATUS = 200;
/** What hyper takes for a status code. */
const MIN_STATUS = 100;
const MAX_STATUS = 999;

export class OutgoingResponse implements Disposable {
  readonly #headers: Fields;
  #status = OK_STATUS;
  #pipe: BodyPipe | undefined;
  #sent = false;

  constructor(headers: Fields) {
    this.#headers = headers.freeze();
  }

  statusCode(): number {
    return this.#status;
  }

  setStatusCode(status: number): Result<undefined, undefined> {
    if (status < MIN_STATUS || status > MAX_STATUS) {
      return err(undefined);
    }
    this.#status = status;
    return ok(undefined);
  }

  headers(): Fields {
    return this.#headers;
  }

  body(): Result<OutgoingBody, undefined> {
    const length = declaredLength(this.#headers);
    if (this.#pipe !== undefined || length.tag === 'err') {
      return err(undefined);
    }
    const body = new OutgoingBody('response', length.val);
    this.#pipe = body.pipe;
    return ok(body);
  }

  /** The host's end of the body, undefined when the guest never took it. The response is used up then. */
  send(): BodyPipe | undefined {
    this.#sent = true;
    return this.#pipe;
  }

  [Symbol.dispose](): void {
    if (!this.#sent) {
      this.#pipe?.disconnect();
    }
  }
}
