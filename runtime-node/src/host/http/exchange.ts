// The seam between a trigger that speaks HTTP and the wasi:http host: one request coming in, one response going out.
// The trigger (triggers/http, later service chaining) implements these; host/http turns them into WASI resources.
import type { InputStream, Readiness, StreamError } from '../io/streams.ts';

/** Field names as received, values as bytes in latin1 (one char per byte); order and duplicates kept. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface IncomingRequest {
  readonly method: string;
  /** As received, undecoded; null when absent. */
  readonly pathWithQuery: string | null;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly headers: HeaderList;
  readonly body: IncomingBody;
}

export interface IncomingBody {
  /** Disposing it throws away what is still to come; the trailers then still arrive. */
  readonly stream: InputStream;
  /** Ready after the body's end; `value` is then the trailers (null when none came) or an error-code. */
  readonly trailers: Readiness & {
    value(): { readonly tag: 'ok'; readonly val: HeaderList | null } | { readonly tag: 'err'; readonly val: unknown };
  };
  /** Nobody wants the rest nor the trailers: cuts an exchange of ours. Without it `stream` is disposed instead. */
  cancel?(): void;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: HeaderList;
}

/** Where a message's body goes: back-pressure is real, so `room` is 0 while the peer does not read. */
export interface BodySink extends Readiness {
  /** Above 0: one chunk of any size is taken now. 0: wait. An error: the peer is gone. */
  room(): number | StreamError;
  write(chunk: Uint8Array): StreamError | undefined;
  /** Ends the message in good order, with trailers when given. */
  finish(trailers: HeaderList | null): void;
  /** Cuts the message so that the peer notices that it is not whole. */
  abort(reason: string): void;
}

/** What `response-outparam.set` is for. Called at most once. */
export interface ResponseOut {
  /**
   * Sends the head. `hasBody` false: the body resource was never taken, so the message is empty and already at its
   * end; the sink is not used then.
   */
  respond(head: ResponseHead, hasBody: boolean): BodySink;
  /** The guest answered with an error-code. */
  fail(errorCode: unknown): void;
}
