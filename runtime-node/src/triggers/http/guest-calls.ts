// The requests that go to guests: admitted or turned away, called, given up when their time is over or their client
// has left, and answered in the guest's place when it did not.
import { UserError } from '@spindle/api';
import type { App } from '../../app/app.ts';
import { classifyFailure, Deadlines, LimitExceeded, type Limits } from '../../limits/index.ts';
import type { Meters } from '../../metrics/meters.ts';
import { Admission, RETRY_AFTER_SECONDS, type Entrant } from './admission.ts';
import { callHandler, HttpCall, type ComponentHandler, type RequestSource } from './call.ts';
import type { LocalRequest, TakeResponse } from '../../host/http/index.ts';
import { findHandler } from './handler.ts';
import { answerLocally, chainedOrigin, LocalResponse, localRequestSource } from './local-calls.ts';
import { OutgoingResponse } from './outgoing-response.ts';
import { respondEmpty, respondFixed, type Reply } from './reply.ts';
import type { HttpRoutes, WagiExecutor } from './routes.ts';
import type { TriggerResponse } from './staged-output.ts';
import type { FixedAnswer } from './well-known.ts';
import { callCommand } from './wagi/call.ts';
import { NoCgiResponse } from './wagi/cgi-output.ts';
import { findCommand } from './wagi/find-command.ts';

/** What of the limits this thread enforces by itself; its share of those that are the process's. */
export type CallLimits = Pick<Limits, 'requestMs' | 'concurrency' | 'queue' | 'instanceMemory'>;

export interface GuestCallOptions {
  readonly limits?: CallLimits;
  /** Hears of each request that failed, for the log; `error` is what the guest or the host threw. */
  readonly onError: (message: string, error: unknown) => void;
  /** Absent where nobody asks for what is counted. */
  readonly meters?: Meters;
}

/** Calls of guests by guests in one thread; as many instances as Spin's pooling allocator holds (spec §8.2). */
const NESTED_CALLS = 1000;

interface NestedCall {
  readonly depth: number;
  readonly respond: TakeResponse;
  /** Whether it counts as a request. */
  readonly measured: boolean;
}

const UNLIMITED: CallLimits = {
  requestMs: undefined,
  concurrency: undefined,
  queue: 0,
  instanceMemory: undefined,
};

export class GuestCalls {
  /** Called each time a call has ended. */
  onIdle: (() => void) | undefined;
  readonly #options: GuestCallOptions;
  readonly #limits: CallLimits;
  readonly #handlers: ReadonlyMap<string, ComponentHandler>;
  /** Of the WAGI executor, and how the components are run that have nothing else, where no trigger says. */
  readonly #commands: ReadonlyMap<string, ComponentHandler>;
  readonly #executors: ReadonlyMap<string, WagiExecutor>;
  readonly #admission: Admission | undefined;
  readonly #deadlines: Deadlines | undefined;
  /** Calls that guests have made of each other. */
  #nested = 0;
  /** Those whose guest is suspended, with the component's id. */
  readonly #suspended = new Map<HttpCall, string>();

  constructor(app: App, routes: Pick<HttpRoutes, 'components' | 'commands'>, options: GuestCallOptions) {
    this.#options = options;
    this.#limits = options.limits ?? UNLIMITED;
    this.#admission = this.#limits.concurrency === undefined ? undefined : new Admission(this.#limits);
    this.#deadlines = this.#limits.requestMs === undefined ? undefined : new Deadlines(this.#limits.requestMs);
    this.#handlers = new Map(routes.components.map((id) => [id, handlerOf(app, id, findHandler)]));
    this.#commands = new Map([...routes.commands.keys()].map((id) => [id, handlerOf(app, id, findCommand)]));
    this.#executors = routes.commands;
  }

  /** Calls that have not ended, those in the queue included. */
  get running(): number {
    return this.#suspended.size + (this.#admission?.waiting ?? 0);
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#admission?.waiting ?? 0;
  }

  /** How many guests of each component are suspended. */
  suspended(): ReadonlyMap<string, number> {
    return new Map([...Map.groupBy(this.#suspended.values(), (id) => id)].map(([id, calls]) => [id, calls.length]));
  }

  run(componentId: string, reply: Reply, request: RequestSource): void {
    const { meters } = this.#options;
    if (meters !== undefined) {
      measure(meters, componentId, reply);
    }
    if (this.#admission === undefined) {
      this.#call(componentId, reply, request);
      return;
    }
    this.#admit(this.#admission, componentId, reply, request);
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
    const { meters } = this.#options;
    const began = measured && meters !== undefined ? performance.now() : undefined;
    const call = new HttpCall(depth);
    const out = new LocalResponse(respond);
    this.#nested += 1;
    this.#suspended.set(call, componentId);
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
        this.#suspended.delete(call);
        this.onIdle?.();
      });
    return (reason) => call.abort(reason);
  }

  /** By the trigger's executor; a component that calls another does not say which. */
  #run(componentId: string, request: RequestSource, out: TriggerResponse, call: HttpCall): void | Promise<void> {
    const handler = this.#handlers.get(componentId);
    const executor = request.executor ?? (handler === undefined ? this.#executors.get(componentId) : undefined);
    return executor === undefined
      ? callHandler(handler as ComponentHandler, request, out, call)
      : callCommand(this.#commands.get(componentId) as ComponentHandler, executor, request, out, call);
  }

  /** Runs the handler to its end; gives what went wrong. */
  async #finish(componentId: string, request: RequestSource, out: TriggerResponse, call: HttpCall): Promise<unknown> {
    const inTime = this.#deadlines?.add(() => call.abort(this.#timeIsUp(componentId)));
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

  /** From now on nobody joins the queue. */
  drain(): void {
    this.#admission?.drain();
  }

  /** Ends what has not ended; gives how many they were. */
  abort(reason: Error): number {
    const refused = this.#admission?.refuseWaiting() ?? 0;
    const ended = refused + this.#suspended.size;
    for (const call of this.#suspended.keys()) {
      call.abort(reason);
    }
    return ended;
  }

  /** Nothing more will be run. */
  close(): void {
    this.#deadlines?.close();
  }

  #admit(admission: Admission, componentId: string, reply: Reply, request: RequestSource): void {
    const entrant: Entrant = {
      start: () => this.#call(componentId, reply, request),
      refuse: () => turnAway(reply),
    };
    switch (admission.enter(entrant)) {
      case 'running':
        entrant.start();
        return;
      case 'full':
        turnAway(reply);
        return;
      case 'waiting':
        reply.onClose(() => {
          if (admission.withdraw(entrant)) {
            this.onIdle?.();
          }
        });
    }
  }

  #call(componentId: string, reply: Reply, request: RequestSource): void {
    const call = new HttpCall();
    let failure: Error | undefined;
    const out = new OutgoingResponse(reply, (reason) => {
      failure = new Error(reason);
    });
    const inTime = this.#deadlines?.add(() => call.abort(this.#timeIsUp(componentId)));
    let running: void | Promise<void>;
    try {
      running = this.#run(componentId, request, out, call);
    } catch (error) {
      // expected: whatever the guest did
      inTime?.();
      this.#settle(componentId, reply, error);
      this.#ended();
      return;
    }
    if (running === undefined) {
      inTime?.();
      this.#settle(componentId, reply, failure);
      this.#ended();
      return;
    }
    this.#suspended.set(call, componentId);
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
        this.#suspended.delete(call);
        this.#ended();
      });
  }

  #timeIsUp(component: string): Error {
    const value = this.#limits.requestMs;
    return new LimitExceeded('request time', value === undefined ? { component } : { component, value });
  }

  #ended(): void {
    this.#admission?.leave();
    this.onIdle?.();
  }

  /** The guest has returned or failed; a response that was never begun is made here, one that was cut is cut. */
  #settle(componentId: string, reply: Reply, error: unknown): void {
    const status = error === undefined ? 500 : this.#log(componentId, reply.headSent, error);
    if (!reply.headSent && !reply.over) {
      if (error === undefined) {
        this.#options.onError(
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
    const { instanceMemory } = this.#limits;
    const { limit, status, message } = classifyFailure(error, instanceMemory === undefined ? {} : { instanceMemory });
    if (limit !== undefined) {
      this.#options.meters?.limit(componentId, limit);
    }
    this.#options.onError(
      begun && !(error instanceof NoCgiResponse)
        ? `Component error after response started, component ${componentId}`
        : `Error processing request, component ${componentId}`,
      limit === undefined ? error : new Error(message, { cause: error }),
    );
    return status;
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
