// What pg throws and reports, as failures of ours. What the server said is the guard's to tell.
import { ConnectError } from '../../network/index.ts';
import { ConnectionLost, LoginError, ProtocolError, ResultTooLarge } from '../../driver-socket/failures.ts';
import { ServerError } from './server-error.ts';

const OURS = [ConnectError, ConnectionLost, LoginError, ProtocolError, ResultTooLarge, ServerError];

export function failureOf(error: Error): Error {
  if (OURS.some((type) => error instanceof type)) {
    return error;
  }
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof syscall === 'string') {
    return new ConnectionLost(error.message, { cause: error });
  }
  if (error.message.startsWith('Connection terminated')) {
    return new ConnectionLost('connection closed');
  }
  if (error.message.startsWith('SASL')) {
    return new ProtocolError('the server cannot prove that it knows the password');
  }
  return new ProtocolError(
    code === 'ERR_OUT_OF_RANGE' || code === 'ERR_BUFFER_OUT_OF_BOUNDS'
      ? 'a message that ends too early'
      : 'an answer that is none',
  );
}
