// The `error-code` of wasi:sockets 0.3, made of that of 0.2: what belonged to its two-step calls is gone.
import { err, ok, type Result } from '../../component/index.ts';
import type { IoError } from '../io/streams.ts';
import { SocketStreamError, type ErrorCode } from './error-code.ts';

export interface AsyncErrorCode {
  readonly tag: string;
  readonly val?: string;
}

const CHANGED: Readonly<Partial<Record<ErrorCode, AsyncErrorCode>>> = {
  unknown: { tag: 'other' },
  'concurrency-conflict': { tag: 'invalid-state' },
  'not-in-progress': { tag: 'invalid-state' },
  'would-block': { tag: 'invalid-state' },
  'new-socket-limit': { tag: 'other', val: 'new-socket-limit' },
};

export const asyncCode = (code: ErrorCode): AsyncErrorCode => CHANGED[code] ?? { tag: code };

export const asyncFail = (code: ErrorCode): Result<never, AsyncErrorCode> => err(asyncCode(code));

export const asyncResult = <T>(result: Result<T, ErrorCode>): Result<T, AsyncErrorCode> =>
  result.tag === 'ok' ? ok(result.val) : asyncFail(result.val);

/** Of a stream over a socket. */
export const streamCode = (error: IoError): AsyncErrorCode =>
  error instanceof SocketStreamError ? asyncCode(error.code) : { tag: 'other', val: error.message };
