// The requests that go to guests: admitted or turned away, called, given up when their client has left, and answered in the
// guest's place when it did not.
import { UserError } from '@spindle/api';
import type { App } from '../../app/app.ts';
import type { Meters } from '../../metrics/meters.ts';
import { RETRY_AFTER_SECONDS, type Entrant } from '../admission.ts';
import { findCommand } from '../find-command.ts';
import type { RunningCalls } from '../running-calls.ts';
import { PassedOn, type CallTrace } from '../../telemetry/call-trace.ts';
import { TriggerCall } from '../trigger-call.ts';
import { callHandler, type ComponentHandler, type RequestSource } from './call.ts';
import type { LocalRequest, TakeResponse } from '../../host/http/index.ts';
import { findHandler } from './handler.ts';
import { answerLocally, chainedOrigin, LocalResponse, localRequestSource } from './local-calls.ts';
import { OutgoingResponse } from './outgoing-response.ts';
import { respondEmpty, respondFixed, type Reply } from './reply.ts';
import type { HttpRoutes, WagiExecutor } from './routes.ts';
import type { TriggerResponse } from './staged-output.ts';
import { recorded, traceRequest } from './trace-request.ts';
import type { FixedAnswer } from './well-known.ts';
import { callCommand } from './wagi/call.ts';
import { NoCgiResponse } from './wagi/cgi-output.ts';

/** Calls of guests by guests in one thread; as many instances as Spin's pooling allocator holds (spec §8.2). */
const NESTED_CALLS = 1000;

interface NestedCall {
  readonly depth: number;
  readonly respond: TakeResponse;
  /** Whether it counts as a request. */
  readonly measured: boolean;
}

export class GuestCalls {
  readonly #calls: RunningCalls;
  readonly #handlers: ReadonlyMap<string, ComponentHandler>;
  /** Of the WAGI executor, and how the components are run that have nothing else, where no trigger says. */
  readonly #commands: ReadonlyMap<string, ComponentHandler>;
  readonly #executors: ReadonlyMap<string, WagiExecutor>;
  /** Calls that guests have made of each other. */
  #nested = 0;

  constructor(app: App, routes: Pick<HttpRoutes, 'components' | 'commands'>, calls: RunningCalls) {
    this.#calls = calls;
    this.#handlers = new Map(routes.components.map((id) => [id, handlerOf(app, id, findHandler)]));
    this.#commands = new Map([...routes.commands.keys()].map((id) => [id, handlerOf(app, id, findCommand)]));
    this.#executors = routes.commands;
  }

  run(componentId: string, reply: Reply, request: RequestSource): void {
    const { meters, tracing } = this.#calls;
    if (meters !== undefined) {
      measure(meters, componentId, reply);
    }
    this.#admit(
      componentId,
      reply,
      tracing === undefined ? request : { ...request, trace: traceRequest(tracing, componentId, request, reply) },
    );
  }

  has(componentId: string): boolean {
    return this.#handlers.has(componentId) || this.#commands.has(componentId);
  }

  /** Another component's request. */
  call(componentId: string, request: LocalRequest, respond: TakeResponse): (reason: Error) => void {
    const source = localRequestSource(request, chainedOrigin(request));
    return this.nested(componentId, source, { depth: request.depth, respond, measured: false });
  }

  /**
   * A request that a guest makes while it has its own place at the gate: it does not wait there, behind others that may
   * wait for the same. What bounds such calls are their depth and NESTED_CALLS.
   */
  nested(
    componentId: string,
    request: RequestSource,
    { depth, respond, measured }: NestedCall,
  ): (reason: Error) => void {
    if (this.#nested >= NESTED_CALLS) {
      return answerLocally(OVERLOADED, respond);
    }
    const { meters } = this.#calls;
    const began = measured && meters !== undefined ? performance.now() : undefined;
    const call = new TriggerCall(depth, undefined, this.#nestedTrace(componentId, request));
    const out = new LocalResponse(respond);
    this.#nested += 1;
    this.#calls.suspend(call, componentId);
    // Only when the caller waits: until then its guest is on the stack.
    void Promise.resolve()
      .then(() => this.#finish(componentId, request, out, call))
      .then((error) => {
        if (error !== undefined) {
          this.#log(componentId, out.begun, error);
        }
        out.settle(500, error !== undefined);
        if (began !== undefined) {
          meters?.request(componentId, out.status, (performance.now() - began) / 1000);
        }
        this.#nested -= 1;
        this.#calls.resume(call);
        this.#calls.endedNested();
      });
    return (reason) => call.abort(reason);
  }

  /** By the trigger's executor; a component that calls another does not say which. */
  #run(componentId: string, request: RequestSource, out: TriggerResponse, call: TriggerCall): void | Promise<void> {
    const handler = this.#handlers.get(componentId);
    const executor = request.executor ?? (handler === undefined ? this.#executors.get(componentId) : undefined);
    const run = (): void | Promise<void> =>
      executor === undefined
        ? callHandler(handler as ComponentHandler, request, out, call)
        : callCommand(this.#commands.get(componentId) as ComponentHandler, executor, request, out, call);
    return this.#calls.tracing === undefined ? run() : recorded(run, call.trace);
  }

  /** The caller's request has the span that is the parent. */
  #nestedTrace(componentId: string, { origin }: RequestSource): CallTrace {
    return this.#calls.tracing?.call(componentId, origin.headers) ?? new PassedOn(origin.headers);
  }

  /** Runs the handler to its end; gives what went wrong. */
  async #finish(
    componentId: string,
    request: RequestSource,
    out: TriggerResponse,
    call: TriggerCall,
  ): Promise<unknown> {
    const inTime = this.#calls.limitTime(call, componentId);
    try {
      await this.#run(componentId, request, out, call);
      return undefined;
    } catch (error) {
      // expected: whatever the guest did
      return error;
    } finally {
      inTime?.();
    }
  }

  #admit(componentId: string, reply: Reply, request: RequestSource): void {
    const entrant: Entrant = {
      start: () => this.#call(componentId, reply, request),
      refuse: () => turnAway(reply),
    };
    switch (this.#calls.enter(entrant)) {
      case 'running':
        entrant.start();
        return;
      case 'full':
        turnAway(reply);
        return;
      case 'waiting':
        reply.onClose(() => this.#calls.withdraw(entrant));
    }
  }

  #call(componentId: string, reply: Reply, request: RequestSource): void {
    const call = new TriggerCall(0, undefined, request.trace ?? new PassedOn(request.origin.headers));
    let failure: Error | undefined;
    const out = new OutgoingResponse(reply, (reason) => {
      failure = new Error(reason);
    });
    const inTime = this.#calls.limitTime(call, componentId);
    let running: void | Promise<void>;
    try {
      running = this.#run(componentId, request, out, call);
    } catch (error) {
      // expected: whatever the guest did
      inTime?.();
      this.#settle(componentId, reply, error);
      this.#calls.ended();
      return;
    }
    if (running === undefined) {
      inTime?.();
      this.#settle(componentId, reply, failure);
      this.#calls.ended();
      return;
    }
    this.#calls.suspend(call, componentId);
    let clientGone = false;
    reply.onClose(() => {
      // A message that the guest itself broke off was closed by us; the guest may still have work to do.
      if (!reply.whole && failure === undefined) {
        clientGone = true;
        call.abort(new Error('the client closed the connection'));
      }
    });
    running
      .then(() => failure)
      .catch((error: unknown) => error)
      .then((error) => {
        // What ends because nobody waits for it any more is no failure.
        if (!clientGone) {
          this.#settle(componentId, reply, error);
        }
      })
      .finally(() => {
        inTime?.();
        this.#calls.resume(call);
        this.#calls.ended();
      });
  }

  /** The guest has returned or failed; a response that was never begun is made here, one that was cut is cut. */
  #settle(componentId: string, reply: Reply, error: unknown): void {
    const status = error === undefined ? 500 : this.#log(componentId, reply.headSent, error);
    if (!reply.headSent && !reply.over) {
      if (error === undefined) {
        this.#calls.onError(
          `Error processing request, component ${componentId}`,
          new UserError('guest failed to produce a response prior to returning', { code: 'SPK4041' }),
        );
      }
      respondEmpty(reply, status);
      return;
    }
    if (error !== undefined && !reply.over) {
      reply.cut();
    }
    reply.release();
  }

  /** Gives the status that says it best. */
  #log(componentId: string, begun: boolean, error: unknown): number {
    const message =
      begun && !(error instanceof NoCgiResponse)
        ? `Component error after response started, component ${componentId}`
        : `Error processing request, component ${componentId}`;
    return this.#calls.failed(componentId, error, message);
  }
}

function handlerOf(
  app: App,
  id: string,
  find: (componentId: string, exports: Iterable<string>) => string,
): ComponentHandler {
  const component = app.components.get(id);
  if (component === undefined) {
    throw new Error(`component ${id} was not opened with the app`);
  }
  return { component, handler: find(id, component.linked.exports.keys()), onTrial: true };
}

/** What log files of servers have for clients that left before there was an answer; it is never sent. */
const CLIENT_LEFT = 499;

function measure(meters: Meters, componentId: string, reply: Reply): void {
  const began = performance.now();
  reply.onClose(() => {
    const status = reply.headSent ? reply.status : CLIENT_LEFT;
    meters.request(componentId, status, (performance.now() - began) / 1000);
  });
}

/** RFC 9110 §15.6.4: a server that is overloaded says when to come again. */
const OVERLOADED: FixedAnswer = {
  status: 503,
  headers: [['retry-after', String(RETRY_AFTER_SECONDS)]],
  body: Buffer.alloc(0),
};

function turnAway(reply: Reply): void {
  respondFixed(reply, OVERLOADED);
}
