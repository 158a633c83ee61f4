// One request and its answer, under the guest's time limits; failures as error-codes (spin-contract.md §3.9).
import { ConnectError, type ConnectFailure } from '../../network/index.ts';
import { HttpError, type ErrorCode } from '../error-code.ts';
import type { ReceivedResponse } from '../types/incoming-response.ts';
import type { Upstream } from './connection.ts';
import { Deadline } from '../deadline.ts';
import type { Begun, ConnectionPool } from './pool.ts';
import type { WireRequest } from './request.ts';

export interface ExchangeLimits {
  /** Until there is a connection, TLS included. */
  readonly connectMs: number;
  /** Until the response's head is here, from the start. */
  readonly firstByteMs: number;
}

/** What a guest is told when there is no connection. */
const CONNECT_CODES: Readonly<Record<ConnectFailure, ErrorCode>> = {
  'name-not-resolved': { tag: 'DNS-error', val: { rcode: 'address not available', infoCode: 0 } },
  'address-blocked': { tag: 'destination-IP-prohibited' },
  refused: { tag: 'connection-refused' },
  'tls-failed': { tag: 'TLS-protocol-error' },
  'server-name-invalid': { tag: 'DNS-error', val: { rcode: 'invalid dns name', infoCode: 0 } },
};

/** May be sent again when no answer came (RFC 9110 §9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Sends `request`; aborting `stop` ends the exchange until the response is here. Rejects with HttpError. */
export async function exchange(
  pool: ConnectionPool,
  request: WireRequest,
  limits: ExchangeLimits,
  stop: AbortController,
): Promise<ReceivedResponse> {
  const firstByte = new Deadline(limits.firstByteMs, () => abort(stop, { tag: 'connection-read-timeout' }));
  try {
    return await attempt(pool, request, { connectMs: limits.connectMs, fresh: false, stop });
  } catch (error) {
    request.body?.abandon();
    throw asHttpError(error);
  } finally {
    firstByte[Symbol.dispose]();
  }
}

const abort = (stop: AbortController, code: ErrorCode): void => stop.abort(new HttpError(code));

interface Attempt {
  readonly connectMs: number;
  /** On a connection that has served no other request. */
  readonly fresh: boolean;
  readonly stop: AbortController;
}

async function attempt(pool: ConnectionPool, request: WireRequest, options: Attempt): Promise<ReceivedResponse> {
  const { upstream, reused } = await begin(pool, request, options);
  try {
    return await answerOf(upstream, options.stop.signal);
  } catch (error) {
    // A server may close a kept connection just as a request sets out on it.
    if (reused && !options.stop.signal.aborted && request.body === undefined && IDEMPOTENT.has(request.method)) {
      return attempt(pool, request, { ...options, fresh: true });
    }
    throw error;
  }
}

async function begin(pool: ConnectionPool, request: WireRequest, { connectMs, fresh, stop }: Attempt): Promise<Begun> {
  let tooLate: ErrorCode = { tag: 'connection-limit-reached' };
  const deadline = new Deadline(connectMs, () => abort(stop, tooLate));
  const onConnecting = (): void => {
    tooLate = { tag: 'connection-timeout' };
  };
  try {
    return await pool.begin(request, { fresh, signal: stop.signal, onConnecting });
  } finally {
    deadline[Symbol.dispose]();
  }
}

function answerOf(upstream: Upstream, signal: AbortSignal): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      upstream.cancel();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort);
    const settled = upstream.response.finally(() => signal.removeEventListener('abort', onAbort));
    settled.then(resolve, reject);
    if (signal.aborted) {
      onAbort();
    }
  });
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) {
    return error;
  }
  const code: ErrorCode = error instanceof ConnectError ? CONNECT_CODES[error.failure] : { tag: 'HTTP-protocol-error' };
  return new HttpError(code, { cause: error });
}
