// One HTTP request through one guest instance: fresh state in, disposed when the guest's function has returned.
import type { AppComponent } from '../../app/app.ts';
import { MustSuspend, type CallMode, type ComponentInstance } from '../../component/index.ts';
import { Guest, type GuestCall } from '../../host/guest.ts';
import type { IncomingRequest, ResponseOut } from '../../host/http/exchange.ts';
import { newIncomingRequest, newResponseOutparam } from '../../host/http/index.ts';
import { StagedOutput } from './staged-output.ts';

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

/** A component's handler, and what is known of it. */
export interface ComponentHandler {
  readonly component: AppComponent;
  /** Name of the export to call. */
  readonly handler: string;
  /** Whether calls begin on trial: until one has had to wait, or has changed something outside. */
  onTrial: boolean;
}

export interface RequestSource {
  /** Whether `make` gives an equal request each time, which it cannot where a body has to be read. */
  readonly repeatable: boolean;
  /** Only asked when there is an instance to take it: a body that was taken and not dropped would block its connection. */
  readonly make: () => IncomingRequest;
}

/** Runs the handler; resolves when the guest's function has returned, rejects when it trapped or was aborted. */
export async function callHandler(
  target: ComponentHandler,
  request: RequestSource,
  out: ResponseOut,
  call: HttpCall,
): Promise<void> {
  const { linked } = target.component;
  if (target.onTrial && request.repeatable && !linked.neverWaits) {
    if (await tryHandler(target, request, out, call)) {
      return;
    }
    target.onTrial = false;
  }
  const mode = linked.neverWaits ? 'plain' : 'suspending';
  await runHandler(target, mode, request, out, call, (instance) => {
    call.onAbort((reason) => instance.abort(reason));
  });
}

/**
 * Calls the handler on the caller's stack, with all output held back: that spares a guest that never waits the cost of
 * a stack of its own. False when it has to be called again on one; nothing has left the instance then.
 */
async function tryHandler(
  target: ComponentHandler,
  request: RequestSource,
  out: ResponseOut,
  call: HttpCall,
): Promise<boolean> {
  const staged = new StagedOutput();
  const trial: GuestCall = {
    get signal() {
      return call.signal;
    },
    log: staged.log,
  };
  let failure: { readonly error: unknown } | undefined;
  try {
    await runHandler(target, 'trial', request, staged, trial);
  } catch (error) {
    if (error instanceof MustSuspend) {
      return false;
    }
    failure = { error };
  }
  staged.releaseLog(target.component.context.log);
  if (failure === undefined || staged.whole) {
    staged.releaseResponse(out);
  }
  if (failure !== undefined) {
    // Half a response was not sent, so the client gets a clean 500.
    throw failure.error;
  }
  return true;
}

async function runHandler(
  { component: { context, linked }, handler }: ComponentHandler,
  mode: CallMode,
  request: RequestSource,
  out: ResponseOut,
  call: GuestCall,
  started: (instance: ComponentInstance) => void = () => {},
): Promise<void> {
  const instance = linked.instantiate(new Guest(context, call), mode);
  started(instance);
  const outparam = newResponseOutparam(out);
  try {
    await instance.call(handler, 'handle', [newIncomingRequest(request.make()), outparam]);
    outparam.returned();
  } finally {
    instance.dispose();
  }
}
