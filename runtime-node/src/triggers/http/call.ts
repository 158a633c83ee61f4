// One HTTP request through one guest instance: fresh state in, disposed when the guest's function has returned.
import type { AppComponent } from '../../app/app.ts';
import { Guest, type GuestCall } from '../../host/guest.ts';
import type { IncomingRequest, ResponseOut } from '../../host/http/exchange.ts';
import { newIncomingRequest, newResponseOutparam } from '../../host/http/index.ts';

/** Aborts when asked to; the signal is only made when somebody looks at it. */
export class HttpCall implements GuestCall {
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #onAbort: ((reason: Error) => void) | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) {
        this.#controller.abort(this.#reason);
      }
    }
    return this.#controller.signal;
  }

  /** `listener` hears of an abort that comes while the guest runs. */
  onAbort(listener: (reason: Error) => void): void {
    this.#onAbort = listener;
    if (this.#reason !== undefined) {
      listener(this.#reason);
    }
  }

  abort(reason: Error): void {
    if (this.#reason === undefined) {
      this.#reason = reason;
      this.#controller?.abort(reason);
      this.#onAbort?.(reason);
    }
  }
}

/** Runs the handler; resolves when the guest's function has returned, rejects when it trapped or was aborted. */
export async function callHandler(
  component: AppComponent,
  handler: string,
  request: IncomingRequest,
  out: ResponseOut,
  call: HttpCall,
): Promise<void> {
  const { context, linked } = component;
  const instance = linked.instantiate(new Guest(context, call), linked.neverWaits ? 'plain' : 'suspending');
  call.onAbort((reason) => instance.abort(reason));
  const outparam = newResponseOutparam(out);
  try {
    await instance.call(handler, 'handle', [newIncomingRequest(request), outparam]);
    outparam.returned();
  } finally {
    instance.dispose();
  }
}
