// Every error of the command line itself: code, message, place, remedy.
import { UserError } from '@spindle/api';

/** `expected` completes "must be …". */
export const invalidFlag = (flag: string, expected: string, given: string, remedy?: string): UserError =>
  new UserError(`${flag} must be ${expected}, not ${JSON.stringify(given)}`, {
    code: 'SPK5001',
    field: flag,
    ...(remedy === undefined ? {} : { remedy }),
  });

export const incompleteTls = (missing: '--tls-cert' | '--tls-key'): UserError =>
  new UserError('--tls-cert and --tls-key only work together', {
    code: 'SPK5001',
    field: missing,
    remedy: 'Give both files, or none to serve plain HTTP.',
  });

/** `flag` is a limit on time that the backstop would come before. */
export const contradictoryTimes = (flag: string): UserError =>
  new UserError(`--stall-timeout must be longer than ${flag}`, {
    code: 'SPK5001',
    field: '--stall-timeout',
    remedy: 'Leave it out for twice the longest of the other timeouts, at least a minute.',
  });

export const twoPasswords = (): UserError =>
  new UserError('--password and --password-stdin exclude each other', {
    code: 'SPK5001',
    field: '--password',
    remedy: 'Keep --password-stdin: other users of the machine can see the arguments of a process.',
  });

/** `flag` is where the path came from. */
export const unreadableFile = (path: string, flag: string, cause: unknown): UserError =>
  new UserError(`cannot read ${path}`, {
    code: 'SPK5002',
    file: path,
    field: flag,
    remedy: 'Give the path of a file that exists and can be read.',
    cause,
  });

export const unusableTlsFile = (path: string, flag: string, what: string, cause: unknown): UserError =>
  new UserError(`${path} holds no usable ${what}`, {
    code: 'SPK5003',
    file: path,
    field: flag,
    remedy: 'Give a PEM file; the key must not be encrypted.',
    cause,
  });

export const mismatchedTls = (cert: string, key: string, cause: unknown): UserError =>
  new UserError(`the key ${key} does not belong to the certificate ${cert}`, {
    code: 'SPK5003',
    file: key,
    field: '--tls-key',
    remedy: 'The first certificate of the chain must be the one that was made with this key.',
    cause,
  });

export const unreadableDotenv = (path: string, cause: unknown): UserError =>
  new UserError(`cannot read ${path}`, {
    code: 'SPK5004',
    file: path,
    remedy: 'Make it a file of NAME=value lines that can be read, or remove it.',
    cause,
  });

export const noTerminal = (): UserError =>
  new UserError('user name or password are missing, and there is no terminal to ask for them', {
    code: 'SPK5005',
    remedy: 'Give --username, and the password through --password-stdin.',
  });

export const noAnswer = (): UserError =>
  new UserError('no answer was given', { code: 'SPK5005', remedy: 'Run the command again.' });
