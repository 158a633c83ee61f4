// What clients may ask of a listener, and how slow they may be. Loads nothing.

export interface ListenerLimits {
  /** Fields of a request; more get 431. */
  readonly headerFields: number;
  /** Bytes of a request's body; more get 413. Undefined: any number, as in Spin (spin-contract.md §3.4). */
  readonly bodyBytes: number | undefined;
  /** Milliseconds from the first to the last byte of a request's head, a TLS handshake included; then 408. */
  readonly headMs: number;
  /** Milliseconds for which a client may send nothing of a body that its guest waits for; then 408. */
  readonly bodyMs: number;
  /** Milliseconds for which a client may take nothing of its response; then it is cut. */
  readonly responseMs: number;
  /** Milliseconds for which a connection may stay without a request. */
  readonly idleMs: number;
}

export const DEFAULT_LISTENER_LIMITS: ListenerLimits = {
  // hyper takes at most this many and answers 431 to more (golden "many headers").
  headerFields: 100,
  bodyBytes: undefined,
  // Node's default.
  headMs: 60_000,
  // After these times nginx gives up a client that does not send, or does not read.
  bodyMs: 60_000,
  responseMs: 60_000,
  // Above the 60 s after which common load balancers drop theirs.
  idleMs: 75_000,
};
