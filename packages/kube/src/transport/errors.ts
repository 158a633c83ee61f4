// What can go wrong between a request and its answer, as types that say whether to try again (kube-client 6).

/**
 * `no`: vain until something else changes. `backoff`: at the caller's own pace. `afterMs`: not before the server's own time.
 */
export type Retry = 'no' | 'backoff' | { readonly afterMs: number };

export interface StatusCause {
  /** `FieldManagerConflict`, `FieldValueInvalid` … */
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface ApiErrorOptions {
  /** Of HTTP. */
  readonly status: number;
  /** Of meta/v1 Status: `NotFound`, `Conflict`, `AlreadyExists`, `Expired`, `Invalid` …; empty when the server gave none. */
  readonly reason: string;
  readonly causes?: readonly StatusCause[];
  readonly retry: Retry;
}

/** The API server has answered, with a refusal. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  readonly retry: Retry;

  constructor(message: string, { status, reason, causes = [], retry }: ApiErrorOptions) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.causes = causes;
    this.retry = retry;
  }
}

export type TransportFailure =
  /** No connection could be made: the name, the network, TLS, a proxy. */
  | 'connect'
  /** The connection broke. What was asked may have been done. */
  | 'reset'
  /** No answer in time. What was asked may have been done. */
  | 'deadline'
  /** The connection is half open: no byte for a minute, not even the answer to a ping. */
  | 'silent'
  /** The response is larger than is allowed. */
  | 'too-large'
  /** What came is not what the protocol allows. */
  | 'protocol'
  /** The transport was closed here. */
  | 'closed';

/** There is no answer, or not all of it. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: TransportFailure;
  readonly retry: Retry;

  constructor(kind: TransportFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.retry = kind === 'closed' || kind === 'too-large' ? 'no' : 'backoff';
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.reason === 'Conflict';
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof ApiError && error.reason === 'AlreadyExists';
/** The resource version or the continue token is too old: begin anew with a list. */
export const isExpired = (error: unknown): boolean => error instanceof ApiError && error.status === 410;
