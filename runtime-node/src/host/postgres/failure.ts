// What can go wrong, as spin:postgres@4 has it, and the texts that guests get from Spin (spin-contract.md §4.8).
import { ConnectError, connectionErrorText } from '../network/index.ts';
import { debugChain, debugString } from '../rust-text/debug.ts';
import { resultTooLarge } from '../result-size.ts';
import { DecodeError } from './types/decode.ts';
import { BadParameter } from './types/encode.ts';
import { ConnectionLost, LoginError, ProtocolError, ResultTooLarge } from '../driver-socket/failures.ts';
import { debugServerError, extrasOf, ServerError } from './client/server-error.ts';

export interface DbError {
  readonly asText: string;
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly extras: readonly (readonly [name: string, value: string])[];
}

export type QueryError =
  | { readonly tag: 'text'; readonly val: string }
  | { readonly tag: 'db-error'; readonly val: DbError };

export type PgFailure =
  | { readonly tag: 'connection-failed' | 'bad-parameter' | 'value-conversion-failed' | 'other'; readonly val: string }
  | { readonly tag: 'query-failed'; readonly val: QueryError };

/** A failure that the guest is told. */
export class PgError extends Error {
  override readonly name = 'PgError';
  readonly failure: PgFailure;

  constructor(failure: PgFailure, cause?: unknown) {
    super(failure.tag, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

export const connectionFailed = (text: string, cause?: unknown): PgError =>
  new PgError({ tag: 'connection-failed', val: text }, cause);

export const queryFailed = (text: string, cause?: unknown): PgError =>
  new PgError({ tag: 'query-failed', val: { tag: 'text', val: text } }, cause);

/** What was thrown as a failure; anything else than PgError is a defect and thrown again. */
export function failureOf(error: unknown): PgFailure {
  if (error instanceof PgError) {
    return error.failure;
  }
  throw error;
}

/** TLS was asked for and cannot be had. */
export class TlsUnavailable extends Error {
  override readonly name = 'TlsUnavailable';
}

/** The chain of messages of the Rust driver and of the pool that Spin has round it. */
export function connectError(error: unknown): unknown {
  const reasons = connectReasons(error);
  const [first] = reasons;
  if (first === undefined) {
    return error;
  }
  const text = debugChain(`Error occurred while creating a new object: ${first}`, ...reasons);
  return connectionFailed(text, error);
}

function connectReasons(error: unknown): string[] {
  if (error instanceof ConnectError && (error.failure === 'tls-failed' || error.failure === 'server-name-invalid')) {
    return ['error performing TLS handshake', error.message];
  }
  if (error instanceof ConnectError) {
    return ['error connecting to server', connectionErrorText(error)];
  }
  if (error instanceof ServerError) {
    return ['db error', describe(error)];
  }
  if (error instanceof TlsUnavailable) {
    return ['error performing TLS handshake', error.message];
  }
  if (error instanceof LoginError) {
    return error.message.endsWith('missing')
      ? ['invalid configuration', error.message]
      : ['authentication error', error.message];
  }
  if (error instanceof ConnectionLost) {
    return error.cause === undefined
      ? ['connection closed']
      : ['error communicating with the server', connectionErrorText(error.cause)];
  }
  return error instanceof ProtocolError ? ['error parsing response from server', error.message] : [];
}

function describe({ fields }: ServerError): string {
  const more = (name: string, letter: string): string =>
    fields[letter] === undefined ? '' : `\n${name}: ${fields[letter]}`;
  return `${fields['S'] ?? ''}: ${fields['M'] ?? ''}${more('DETAIL', 'D')}${more('HINT', 'H')}`;
}

/** Of a statement; what is no failure of it is given back. */
export function statementError(error: unknown): unknown {
  if (error instanceof ServerError) {
    return new PgError({ tag: 'query-failed', val: { tag: 'db-error', val: dbError(error) } }, error);
  }
  if (error instanceof ResultTooLarge) {
    return queryFailed(resultTooLarge, error);
  }
  if (error instanceof ConnectionLost) {
    const text =
      error.cause === undefined
        ? 'Error { kind: Closed, cause: None }'
        : `Error { kind: Io, cause: Some(${debugString(connectionErrorText(error.cause))}) }`;
    return queryFailed(text, error);
  }
  if (error instanceof ProtocolError) {
    return queryFailed(`Error { kind: Parse, cause: Some(${debugString(error.message)}) }`, error);
  }
  return error;
}

function dbError(error: ServerError): DbError {
  const { fields } = error;
  return {
    asText: debugServerError(error),
    severity: fields['S'] ?? '',
    code: error.code,
    message: error.message,
    detail: fields['D'],
    extras: extrasOf(fields),
  };
}

/** Of a value in a column. */
export const valueError = (column: number, error: unknown): unknown =>
  error instanceof DecodeError
    ? queryFailed(debugChain(`error deserializing column ${column}`, error.message), error)
    : error;

/** Of a parameter that is none of its kind. */
export const parameterError = (tag: 'bad-parameter' | 'value-conversion-failed', error: unknown): unknown =>
  error instanceof BadParameter ? new PgError({ tag, val: error.message }, error) : error;
