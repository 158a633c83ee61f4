// Requests of one component to another of the same app, and of the app to itself by its own routes: they never leave the process (spin-contract.md §3.6). The
// trigger that serves the components implements this; what goes between them is a BodyChannel each way.
import { err, ok } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { BodyChannel } from './body-channel.ts';
import { Deadline } from './deadline.ts';
import type { ErrorCode } from './error-code.ts';
import type { HeaderList, IncomingBody, ResponseHead } from './exchange.ts';
import type { BodyPipe } from './types/body-pipe.ts';
import { FutureIncomingResponse, type Answer } from './types/future-incoming-response.ts';

export interface LocalRequest {
  readonly method: string;
  readonly pathWithQuery: string;
  readonly authority: string;
  /** As the caller set them. */
  readonly headers: HeaderList;
  /** Undefined when it has none; gives the one body there is. */
  readonly body: (() => IncomingBody) | undefined;
  /** How many components have called each other to get here. */
  readonly depth: number;
}

/** Takes the answer; called once at most. */
export type TakeResponse = (head: ResponseHead, body: IncomingBody) => void;

export interface LocalComponents {
  has(componentId: string): boolean;
  /** Begins the call, never before the caller waits; gives what ends it. Answers in any case, with 500 if need be. */
  call(componentId: string, request: LocalRequest, respond: TakeResponse): (reason: Error) => void;
  /** The same for a request to the app itself: its routes say who answers. */
  callSelf(request: LocalRequest, respond: TakeResponse): (reason: Error) => void;
}

/** A chain this long is a loop, which upstream would follow until the process has no memory left. */
export const MAX_DEPTH = 32;

const LOOP: ErrorCode = { tag: 'loop-detected' };

export interface LocalCall extends Omit<LocalRequest, 'depth' | 'body'> {
  /** Undefined: the app itself. */
  readonly componentId: string | undefined;
  readonly body: BodyPipe | undefined;
  readonly firstByteMs: number;
  /** Hears of the answer. */
  readonly ended?: (answer: Answer) => void;
}

/** Begins the exchange; it ends with the caller or when the caller drops the future. */
export function callLocal(components: LocalComponents, caller: Guest, request: LocalCall): FutureIncomingResponse {
  const depth = (caller.call.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) {
    request.ended?.(err(LOOP));
    request.body?.abandon();
    return new FutureIncomingResponse(err(LOOP), () => {});
  }
  const { signal } = caller.call;
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const local: LocalRequest = { ...request, body: bodyOf(request.body), depth };
  const respond: TakeResponse = (head, body) => resolve(ok({ ...head, body }));
  const end =
    request.componentId === undefined
      ? components.callSelf(local, respond)
      : components.call(request.componentId, local, respond);
  const giveUp = (code: ErrorCode): void => {
    resolve(err(code));
    end(new Error('the component that called does not wait for the answer any more'));
  };
  const callerEnds = (): void => giveUp({ tag: 'connection-terminated' });
  const firstByte = new Deadline(request.firstByteMs, () => giveUp({ tag: 'connection-read-timeout' }));
  signal.addEventListener('abort', callerEnds);
  void promise.then((answer) => {
    request.ended?.(answer);
    firstByte[Symbol.dispose]();
    signal.removeEventListener('abort', callerEnds);
  });
  return new FutureIncomingResponse(promise, callerEnds);
}

function bodyOf(pipe: BodyPipe | undefined): LocalRequest['body'] {
  if (pipe === undefined) {
    return undefined;
  }
  const channel = new BodyChannel();
  pipe.attach(channel.sink);
  return () => channel.body;
}
