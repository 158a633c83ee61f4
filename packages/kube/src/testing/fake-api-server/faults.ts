// What can be made to go wrong: before a request is looked at, after it was done, and in a watch that is open.
import type { JsonObject } from './json.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'other';

/** A request as it came, in the order of coming. */
export interface SeenRequest {
  /** From 1. */
  readonly number: number;
  readonly verb: Verb;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** `deployments.apps`; empty when the path is about no type that is served. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly body: unknown;
}

export type Fault =
  /** Refused, without being looked at. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The connection breaks: before anything is done, or when all is done but said. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Never an answer. */
  | { readonly kind: 'silence' };

export type FaultHook = (request: SeenRequest) => Fault | undefined;

/** A watch that is open. */
export interface OpenWatch {
  readonly request: SeenRequest;
  /** Says nothing until `thaw`; what happens meanwhile is told then. */
  freeze(): void;
  thaw(): void;
  /** In good order. */
  end(): void;
  /** Breaks off. */
  cut(): void;
  /** The next event gets lost on the way, and nothing else shows it. */
  loseNext(): void;
  bookmark(): void;
  /** An event that no object caused, an ERROR for example. */
  sendEvent(event: JsonObject): void;
  /** As it is. */
  sendText(text: string): void;
}
