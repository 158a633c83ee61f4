// One HTTP request through one guest instance: fresh state in, disposed when the guest's function has returned.
import type { AppComponent } from '../../app/app.ts';
import { MustSuspend, type ComponentInstance, type Result } from '../../component/index.ts';
import { Guest, type GuestCall } from '../../host/guest.ts';
import type { ErrorCode } from '../../host/http/error-code.ts';
import type { IncomingRequest, ResponseOut } from '../../host/http/exchange.ts';
import {
  callInbound,
  INBOUND_HTTP_INTERFACE,
  inboundRequest,
  newIncomingRequest,
  receivedRequest,
  respond,
  type Response,
  newResponseOutparam,
} from '../../host/http/index.ts';
import type { TriggerCall } from '../trigger-call.ts';
import { isAsyncHandler } from './handler.ts';
import type { RequestOrigin } from './request-headers.ts';
import type { WagiExecutor } from './routes.ts';
import type { CallTrace } from '../../telemetry/call-trace.ts';
import { StagedOutput, type TriggerResponse } from './staged-output.ts';

/** A component's handler, and what is known of it. */
export interface ComponentHandler {
  readonly component: AppComponent;
  /** Name of the export to call. */
  readonly handler: string;
  /** Whether calls begin on trial: until one has had to wait, or has changed something outside. */
  onTrial: boolean;
}

export interface RequestSource {
  /** Where the trigger runs a command in place of a handler. */
  readonly executor?: WagiExecutor;
  readonly method: string;
  readonly origin: RequestOrigin;
  /** Whether `make` gives an equal request each time, which it cannot where a body has to be read. */
  readonly repeatable: boolean;
  /** Only asked when there is an instance to take it: a body that was taken and not dropped would block its connection. */
  readonly make: () => IncomingRequest;
  /** Where the request is recorded; else what it came with is handed on. */
  readonly trace?: CallTrace;
}

/**
 * Runs the handler. On trial, and for a guest that cannot wait, all is over when this returns; else the promise resolves
 * when the guest's function has returned. Throws or rejects when it trapped or was aborted.
 */
export function callHandler(
  target: ComponentHandler,
  request: RequestSource,
  out: TriggerResponse,
  call: TriggerCall,
): void | Promise<void> {
  if (target.handler === INBOUND_HTTP_INTERFACE) {
    return callWhole(target, request, out, call);
  }
  if (isAsyncHandler(target.handler)) {
    return callAsync(target, request, out, call);
  }
  if (target.component.linked.neverWaits) {
    return callPlain(target, request, out, call);
  }
  if (target.onTrial && request.repeatable) {
    if (tryHandler(target, request, out, call)) {
      return undefined;
    }
    target.onTrial = false;
  }
  return callSuspending(target, request, out, call);
}

/**
 * Calls the handler on the caller's stack, with all output held back: that spares a guest that never waits the cost of
 * a stack of its own. False when it has to be called again on one; nothing has left the instance then.
 */
function tryHandler(
  target: ComponentHandler,
  request: RequestSource,
  out: TriggerResponse,
  call: TriggerCall,
): boolean {
  const staged = new StagedOutput();
  const trial: GuestCall = {
    depth: call.depth,
    get signal() {
      return call.signal;
    },
    log: staged.log,
    ...(call.trace === undefined ? {} : { trace: call.trace }),
  };
  const { context } = target.component;
  const instance = target.component.linked.instantiate(new Guest(context, trial), 'trial');
  try {
    handle(target, instance, request, staged);
  } catch (error) {
    if (error instanceof MustSuspend) {
      call.trace?.restart();
      return false;
    }
    staged.releaseLog(context.log);
    if (staged.whole) {
      staged.releaseResponse(out);
    }
    // Half a response was not sent, so the client gets a clean 500.
    throw error;
  }
  staged.releaseLog(context.log);
  staged.releaseResponse(out);
  // The client has its answer: what it takes to be ready for the next guest costs it nothing.
  instance.release();
  return true;
}

/** Calls the handler of a guest that cannot wait, on the caller's stack. */
function callPlain(target: ComponentHandler, request: RequestSource, out: ResponseOut, call: TriggerCall): void {
  const instance = target.component.linked.instantiate(new Guest(target.component.context, call), 'plain');
  try {
    handle(target, instance, request, out);
  } finally {
    instance.release();
  }
}

/** The whole of a call that does not wait, to the end of what the guest held. */
function handle(
  { handler }: ComponentHandler,
  instance: ComponentInstance,
  request: RequestSource,
  out: ResponseOut,
): void {
  const outparam = newResponseOutparam(out);
  try {
    instance.call(handler, 'handle', [newIncomingRequest(request.make()), outparam]);
    outparam.returned();
  } finally {
    instance.dispose();
  }
}

/** A handler of Spin 1: the request is read to its end first, the response is whole. */
async function callWhole(
  { component: { context, linked } }: ComponentHandler,
  request: RequestSource,
  out: ResponseOut,
  call: TriggerCall,
): Promise<void> {
  const whole = await inboundRequest(request.make());
  if (typeof whole === 'number') {
    out.respond({ status: whole, headers: [] }, false);
    return;
  }
  const instance = linked.instantiate(new Guest(context, call), linked.neverWaits ? 'plain' : 'suspending');
  call.onAbort((reason) => instance.abort(reason));
  try {
    await callInbound(instance, whole, out);
  } finally {
    instance.dispose();
    instance.release();
  }
}

async function callSuspending(
  { component: { context, linked }, handler }: ComponentHandler,
  request: RequestSource,
  out: ResponseOut,
  call: TriggerCall,
): Promise<void> {
  const instance = linked.instantiate(new Guest(context, call), 'suspending');
  call.onAbort((reason) => instance.abort(reason));
  const outparam = newResponseOutparam(out);
  try {
    await instance.call(handler, 'handle', [newIncomingRequest(request.make()), outparam]);
    outparam.returned();
  } finally {
    instance.release();
  }
}

/** A handler of WASI 0.3: it answers, and may go on while its response is on its way. */
async function callAsync(
  { component: { context, linked }, handler }: ComponentHandler,
  request: RequestSource,
  out: ResponseOut,
  call: TriggerCall,
): Promise<void> {
  const guest = new Guest(context, call);
  const instance = linked.instantiate(guest, 'suspending');
  call.onAbort((reason) => instance.abort(reason));
  try {
    const answer = (await instance.call(handler, 'handle', [receivedRequest(request.make())])) as Result<
      Response,
      ErrorCode
    >;
    // The guest's memory is where its body comes from: both have to end before another guest gets it.
    await Promise.all([respond(answer, out, guest), instance.finished()]);
  } finally {
    instance.release();
  }
}
