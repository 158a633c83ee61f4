// The `future-incoming-response` resource: an answer on its way. Dropping it gives the request up.
import { err, ok, type Result } from '../../../component/index.ts';
import { PollableSource } from '../../io/streams.ts';
import type { ErrorCode } from '../error-code.ts';
import { cancel } from './incoming-body.ts';
import { IncomingResponse, type ReceivedResponse } from './incoming-response.ts';

export type Answer = Result<ReceivedResponse, ErrorCode>;

export class FutureIncomingResponse extends PollableSource implements Disposable {
  readonly #settled: Promise<void>;
  readonly #giveUp: () => void;
  #answer: Answer | undefined;
  #taken = false;
  #dropped = false;

  /** A promised `answer` never rejects. `giveUp` ends the exchange and is harmless when it has ended. */
  constructor(answer: Answer | Promise<Answer>, giveUp: () => void) {
    super();
    this.#giveUp = giveUp;
    if (answer instanceof Promise) {
      this.#settled = answer.then((value) => {
        this.#answer = value;
        if (this.#dropped) {
          this.#discard();
        }
      });
    } else {
      this.#answer = answer;
      this.#settled = Promise.resolve();
    }
  }

  override ready(): boolean {
    return this.#answer !== undefined;
  }

  override wait(): Promise<void> {
    return this.#settled;
  }

  /** Nothing while it is on its way, the answer once, then an error. */
  get(): Result<Result<IncomingResponse, ErrorCode>, undefined> | undefined {
    if (this.#taken) {
      return err(undefined);
    }
    if (this.#answer === undefined) {
      return undefined;
    }
    this.#taken = true;
    return ok(this.#answer.tag === 'ok' ? ok(new IncomingResponse(this.#answer.val)) : this.#answer);
  }

  /** The answer itself, once it is there, in place of `get`. */
  take(): Answer {
    if (this.#answer === undefined || this.#taken) {
      throw new Error('the answer is not there, or was taken');
    }
    this.#taken = true;
    return this.#answer;
  }

  [Symbol.dispose](): void {
    this.#dropped = true;
    if (this.#answer === undefined) {
      this.#giveUp();
    } else {
      this.#discard();
    }
    this.trapOnLivePollables();
  }

  /** A response that nobody took must not hold its connection. */
  #discard(): void {
    if (!this.#taken && this.#answer?.tag === 'ok') {
      cancel(this.#answer.val.body);
    }
  }
}
