// What mysql2 throws and reports, as failures of ours. Its errors carry statements, and are not handed on.
import { ConnectError } from '../../network/index.ts';
import { ConnectionLost, LoginError, ProtocolError, ResultTooLarge } from '../../driver-socket/failures.ts';
import { ServerError } from './server-error.ts';
import { UnconvertibleValue } from './column.ts';

const OURS = [ConnectError, ConnectionLost, LoginError, ProtocolError, ResultTooLarge, ServerError, UnconvertibleValue];

const MAX_NAME = 64;

interface DriverError extends Error {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly sqlState?: unknown;
  readonly syscall?: unknown;
}

export function failureOf(error: Error): Error {
  if (OURS.some((type) => error instanceof type)) {
    return error;
  }
  const { code, errno, sqlState, syscall, message } = error as DriverError;
  if (typeof errno === 'number' && typeof sqlState === 'string') {
    return new ServerError(errno, sqlState, message);
  }
  if (typeof syscall === 'string') {
    return new ConnectionLost(message, { cause: error });
  }
  switch (code) {
    case 'PROTOCOL_CONNECTION_LOST':
      return new ConnectionLost('connection closed');
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return new LoginError('Client asks for TLS and the server does not support it');
    case 'HANDSHAKE_UNKNOWN_ERROR':
      return new ProtocolError('an unexpected packet in the log-in');
    case 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED':
      return new LoginError("Unknown authentication plugin `mysql_clear_password'");
    case 'AUTH_SWITCH_PLUGIN_ERROR': {
      const plugin = /unknown plugin ([\w-]+)\./.exec(message)?.[1];
      return plugin === undefined
        ? new ProtocolError('an unexpected packet in the log-in')
        : new LoginError(`Unknown authentication plugin \`${plugin.slice(0, MAX_NAME)}'`);
    }
    case 'ERR_OUT_OF_RANGE':
    case 'ERR_BUFFER_OUT_OF_BOUNDS':
      return new ProtocolError('a packet that ends too early');
    default:
      return new ProtocolError(
        String(code).startsWith('ERR_OSSL') ? 'the server sends no valid key' : 'an answer that is none',
      );
  }
}
