// What a guest learns of a failed file operation: an error-code, never a path of the host.
import { IoError } from '../io/streams.ts';

export type ErrorCode =
  | 'access'
  | 'would-block'
  | 'already'
  | 'bad-descriptor'
  | 'busy'
  | 'deadlock'
  | 'quota'
  | 'exist'
  | 'file-too-large'
  | 'illegal-byte-sequence'
  | 'in-progress'
  | 'interrupted'
  | 'invalid'
  | 'io'
  | 'is-directory'
  | 'loop'
  | 'too-many-links'
  | 'message-size'
  | 'name-too-long'
  | 'no-device'
  | 'no-entry'
  | 'no-lock'
  | 'insufficient-memory'
  | 'insufficient-space'
  | 'not-directory'
  | 'not-empty'
  | 'not-recoverable'
  | 'unsupported'
  | 'no-tty'
  | 'no-such-device'
  | 'overflow'
  | 'not-permitted'
  | 'pipe'
  | 'read-only'
  | 'invalid-seek'
  | 'text-file-busy'
  | 'cross-device';

/** A refusal of our own, before the operating system was asked. */
export class FilesystemError extends Error {
  override readonly name = 'FilesystemError';
  readonly errorCode: ErrorCode;

  constructor(errorCode: ErrorCode) {
    super(`filesystem: ${errorCode}`);
    this.errorCode = errorCode;
  }
}

/** The `error` resource of a file stream; `filesystem-error-code` gives its code back. */
export class FileIoError extends IoError {
  readonly errorCode: ErrorCode;

  constructor(errorCode: ErrorCode) {
    super(`filesystem: ${errorCode}`);
    this.errorCode = errorCode;
  }
}

const BY_ERRNO: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'access',
  EAGAIN: 'would-block',
  EALREADY: 'already',
  EBADF: 'bad-descriptor',
  EBUSY: 'busy',
  EDEADLK: 'deadlock',
  EDQUOT: 'quota',
  EEXIST: 'exist',
  EFBIG: 'file-too-large',
  EILSEQ: 'illegal-byte-sequence',
  EINPROGRESS: 'in-progress',
  EINTR: 'interrupted',
  EINVAL: 'invalid',
  EIO: 'io',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  EMFILE: 'insufficient-memory',
  EMLINK: 'too-many-links',
  EMSGSIZE: 'message-size',
  ENAMETOOLONG: 'name-too-long',
  ENFILE: 'insufficient-memory',
  ENODEV: 'no-device',
  ENOENT: 'no-entry',
  ENOLCK: 'no-lock',
  ENOMEM: 'insufficient-memory',
  ENOSPC: 'insufficient-space',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  ENOTRECOVERABLE: 'not-recoverable',
  ENOTSUP: 'unsupported',
  ENOSYS: 'unsupported',
  ENOTTY: 'no-tty',
  ENXIO: 'no-such-device',
  EOVERFLOW: 'overflow',
  EPERM: 'not-permitted',
  EPIPE: 'pipe',
  EROFS: 'read-only',
  ESPIPE: 'invalid-seek',
  ETXTBSY: 'text-file-busy',
  EXDEV: 'cross-device',
  // Node's own refusal of offsets beyond 63 bits, for which the kernel says EINVAL.
  ERR_OUT_OF_RANGE: 'invalid',
};

/** The guest's error-code for what was thrown; what is neither ours nor the operating system's is thrown again. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof FilesystemError) {
    return error.errorCode;
  }
  const code = errnoOf(error);
  if (code === undefined) {
    throw error;
  }
  return BY_ERRNO[code] ?? 'io';
}

/** `ENOENT` and the like; undefined for what does not come from the operating system. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && (code in BY_ERRNO || 'syscall' in (error as object)) ? code : undefined;
}
