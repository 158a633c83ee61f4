// The operating system's errors in the words that guests know from Spin, which is Rust's standard library:
// `Connection refused (os error 111)`.
import { constants } from 'node:os';
import { ConnectError } from './connect.ts';

/** strerror of the GNU C library, for what connections fail with. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNABORTED: 'Software caused connection abort',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTDOWN: 'Host is down',
  EHOSTUNREACH: 'No route to host',
  EMFILE: 'Too many open files',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  ENOTCONN: 'Transport endpoint is not connected',
  EPIPE: 'Broken pipe',
  ETIMEDOUT: 'Connection timed out',
};

/** What Rust says when the system's resolver knows no such name (EAI_NONAME). */
const NO_SUCH_NAME = 'failed to lookup address information: Name or service not known';

/** undefined: no error of the system. */
export function systemErrorText(error: unknown): string | undefined {
  const code = codeOf(error);
  const number = code === undefined ? undefined : (constants.errno as Readonly<Record<string, number>>)[code];
  const words = code === undefined ? undefined : WORDS[code];
  return words === undefined || number === undefined ? undefined : `${words} (os error ${number})`;
}

/** Why a connection could not be made, or why it ended. */
export function connectionErrorText(error: unknown): string {
  if (error instanceof ConnectError && error.failure === 'name-not-resolved') {
    return NO_SUCH_NAME;
  }
  return systemErrorText(error) ?? (error instanceof Error ? error.message : String(error));
}

/** Our own errors have the system's as their cause; several addresses that all failed are one AggregateError. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  return typeof code === 'string' && code in WORDS ? code : codeOf(cause);
}
