// What can go wrong, as the MySQL interfaces have it, and the texts that guests get from Spin (spin-contract.md §4.7).
import { connectionErrorText, ConnectError } from '../network/index.ts';
import { debugChain, debugString } from '../rust-text/debug.ts';
import { resultTooLarge } from '../result-size.ts';
import { BadAddress } from './address.ts';
import { UnconvertibleValue } from './client/column.ts';
import { ConnectionLost, LoginError, ProtocolError, ResultTooLarge } from '../driver-socket/failures.ts';
import { ServerError } from './client/server-error.ts';

export interface MySqlFailure {
  readonly tag: 'connection-failed' | 'bad-parameter' | 'query-failed' | 'value-conversion-failed' | 'other';
  readonly val: string;
}

/** A failure that the guest is told. */
export class MySqlError extends Error {
  override readonly name = 'MySqlError';
  readonly failure: MySqlFailure;

  constructor(tag: MySqlFailure['tag'], val: string, cause?: unknown) {
    super(tag, cause === undefined ? undefined : { cause });
    this.failure = { tag, val };
  }
}

/** What was thrown as a failure; anything else than MySqlError is a defect and thrown again. */
export function failureOf(error: unknown): MySqlFailure {
  if (error instanceof MySqlError) {
    return error.failure;
  }
  throw error;
}

/** The chain of messages of the Rust driver; what is no failure of connecting is given back. */
export function connectError(error: unknown): unknown {
  const text = connectText(error);
  return text === undefined ? error : new MySqlError('connection-failed', text, error);
}

function connectText(error: unknown): string | undefined {
  if (error instanceof ServerError) {
    return debugChain(`Server error: \`${error.text}'`, error.text);
  }
  if (error instanceof BadAddress) {
    return error.message;
  }
  if (error instanceof LoginError || error instanceof ProtocolError) {
    return debugChain(`Driver error: \`${error.message}'`, error.message);
  }
  if (error instanceof ConnectError || error instanceof ConnectionLost) {
    const reason = connectionErrorText(error instanceof ConnectionLost ? (error.cause ?? error) : error);
    const input = `Input/output error: ${reason}`;
    return debugChain(`Input/output error: ${input}`, input, reason);
  }
  return undefined;
}

/** Of a statement; what is no failure of it is given back. */
export function statementError(error: unknown): unknown {
  if (error instanceof ServerError) {
    return new MySqlError('query-failed', error.debug, error);
  }
  if (error instanceof ResultTooLarge) {
    return new MySqlError('other', resultTooLarge, error);
  }
  if (error instanceof UnconvertibleValue) {
    return new MySqlError('value-conversion-failed', error.message, error);
  }
  if (error instanceof ConnectionLost) {
    const text =
      error.cause === undefined
        ? 'Driver(ConnectionClosed)'
        : `Io(Io(${debugString(connectionErrorText(error.cause))}))`;
    return new MySqlError('query-failed', text, error);
  }
  if (error instanceof ProtocolError) {
    return new MySqlError('query-failed', `Driver(${debugString(error.message)})`, error);
  }
  return error;
}
