import { describe, expect, it } from 'vitest';
import { ConnectError } from '../network/index.ts';
import { errorCodeOf } from './error-code.ts';

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

describe('an error of the system', () => {
  it.each([
    ['EACCES', 'access-denied'],
    ['EPERM', 'access-denied'],
    ['EADDRINUSE', 'address-in-use'],
    ['EADDRNOTAVAIL', 'address-not-bindable'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNREFUSED', 'connection-refused'],
    ['ECONNRESET', 'connection-reset'],
    ['ECONNABORTED', 'connection-aborted'],
    ['EINVAL', 'invalid-argument'],
    ['EHOSTUNREACH', 'remote-unreachable'],
    ['ENETUNREACH', 'remote-unreachable'],
    ['ENETDOWN', 'remote-unreachable'],
    ['ENOTCONN', 'invalid-state'],
    ['EMSGSIZE', 'datagram-too-large'],
    ['ENOBUFS', 'out-of-memory'],
    ['EAFNOSUPPORT', 'not-supported'],
    ['EMFILE', 'new-socket-limit'],
    ['ENFILE', 'new-socket-limit'],
    ['EWHATEVER', 'unknown'],
  ])('%s is %s to a guest, whether or not it was a connection', (code, expected) => {
    const error = systemError(code);
    expect(errorCodeOf(error)).toBe(expected);
    expect(errorCodeOf(new ConnectError('refused', 'no', { cause: error }))).toBe(expected);
  });

  it.each([[undefined], [null], ['ECONNRESET'], [new Error('no code')], [Object.assign(new Error(), { code: 7 })]])(
    'is unknown when it says nothing: %o',
    (error) => {
      expect(errorCodeOf(error)).toBe('unknown');
    },
  );

  it('is a denial when the address is blocked', () => {
    expect(errorCodeOf(new ConnectError('address-blocked', 'no'))).toBe('access-denied');
  });
});
