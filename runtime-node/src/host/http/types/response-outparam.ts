// The `response-outparam` resource: the guest's one chance to answer (spin-contract.md §3.4, §3.10).
import { Trap, type Result } from '../../../component/index.ts';
import type { ErrorCode } from '../error-code.ts';
import type { ResponseOut } from '../exchange.ts';
import type { BodyPipe } from './body-pipe.ts';
import type { OutgoingResponse } from './outgoing-response.ts';

export class ResponseOutparam {
  readonly #out: ResponseOut;
  #used = false;
  #body: BodyPipe | undefined;

  constructor(out: ResponseOut) {
    this.#out = out;
  }

  set(response: Result<OutgoingResponse, ErrorCode>): void {
    if (this.#used) {
      throw new Trap('the response has been set already');
    }
    this.#used = true;
    if (response.tag === 'err') {
      this.#out.fail(response.val);
      return;
    }
    const { val } = response;
    this.#body = val.send();
    const head = { status: val.statusCode(), headers: val.headers().toHeaderList() };
    const sink = this.#out.respond(head, this.#body !== undefined);
    this.#body?.attach(sink);
  }

  /**
   * The guest's function has returned without a trap. A body that it forgot to finish, neither dropping it, ends in
   * good order then, as in Spin; to be called before the instance is disposed, which would cut it.
   */
  returned(): void {
    const body = this.#body;
    if (body === undefined || body.ended) {
      return;
    }
    if (body.complete) {
      body.finish(null);
    } else {
      body.abort('the guest returned before the body was as long as its content-length says');
    }
  }
}
