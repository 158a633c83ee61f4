// The `error-code` of wasi:sockets, and which errors of the system become which of them.
import { err, type Result } from '../../component/index.ts';
import { IoError, type StreamError } from '../io/streams.ts';
import { ConnectError } from '../network/index.ts';

export type ErrorCode =
  | 'unknown'
  | 'access-denied'
  | 'not-supported'
  | 'invalid-argument'
  | 'out-of-memory'
  | 'timeout'
  | 'concurrency-conflict'
  | 'not-in-progress'
  | 'would-block'
  | 'invalid-state'
  | 'new-socket-limit'
  | 'address-not-bindable'
  | 'address-in-use'
  | 'remote-unreachable'
  | 'connection-refused'
  | 'connection-reset'
  | 'connection-aborted'
  | 'datagram-too-large'
  | 'name-unresolvable'
  | 'temporary-resolver-failure'
  | 'permanent-resolver-failure';

/** `err` whose value is known to be an error-code. */
export const fail = (code: ErrorCode): Result<never, ErrorCode> => err(code);

/** As wasmtime 47 has it; it has no code for a process that may open no more files. */
const CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['EPERM', 'access-denied'],
  ['EACCES', 'access-denied'],
  ['EADDRINUSE', 'address-in-use'],
  ['EADDRNOTAVAIL', 'address-not-bindable'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNREFUSED', 'connection-refused'],
  ['ECONNRESET', 'connection-reset'],
  ['ECONNABORTED', 'connection-aborted'],
  ['EINVAL', 'invalid-argument'],
  ['EHOSTUNREACH', 'remote-unreachable'],
  ['EHOSTDOWN', 'remote-unreachable'],
  ['ENETDOWN', 'remote-unreachable'],
  ['ENETUNREACH', 'remote-unreachable'],
  ['ENONET', 'remote-unreachable'],
  ['EISCONN', 'invalid-state'],
  ['ENOTCONN', 'invalid-state'],
  ['EDESTADDRREQ', 'invalid-state'],
  ['EMSGSIZE', 'datagram-too-large'],
  ['ENOMEM', 'out-of-memory'],
  ['ENOBUFS', 'out-of-memory'],
  ['EOPNOTSUPP', 'not-supported'],
  ['ENOPROTOOPT', 'not-supported'],
  ['EPFNOSUPPORT', 'not-supported'],
  ['EPROTONOSUPPORT', 'not-supported'],
  ['EPROTOTYPE', 'not-supported'],
  ['ESOCKTNOSUPPORT', 'not-supported'],
  ['EAFNOSUPPORT', 'not-supported'],
  ['EMFILE', 'new-socket-limit'],
  ['ENFILE', 'new-socket-limit'],
]);

/** The code of what Node threw or rejected with. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof ConnectError) {
    return error.failure === 'address-blocked' ? 'access-denied' : errorCodeOf(error.cause);
  }
  return CODES.get(systemCode(error) ?? '') ?? 'unknown';
}

/** `ECONNRESET` and the like. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The error of a stream over a socket, from which `network-error-code` gives the code back. */
export class SocketStreamError extends IoError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(code);
    this.code = code;
  }
}

export const streamFailure = (code: ErrorCode): StreamError => ({
  tag: 'last-operation-failed',
  val: new SocketStreamError(code),
});
