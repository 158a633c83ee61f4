// The `outgoing-response` resource: status, headers and body of the guest's answer.
import { err, ok, type Result } from '../../../component/index.ts';
import type { Fields } from './fields.ts';
import { OutgoingMessage } from './outgoing-message.ts';

const OK_STATUS = 200;
/** What hyper takes for a status code. */
const MIN_STATUS = 100;
const MAX_STATUS = 999;

export class OutgoingResponse extends OutgoingMessage {
  #status = OK_STATUS;

  constructor(headers: Fields) {
    super('response', headers);
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
}
