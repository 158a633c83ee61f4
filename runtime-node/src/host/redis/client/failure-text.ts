// Failures in the words of the Redis client that Spin uses, since guests and their tests know those.
import { ConnectError, connectionErrorText } from '../../network/index.ts';
import { ConnectionLost } from './connection-lost.ts';
import { ProtocolError } from './protocol-error.ts';
import type { RedisError } from './reply.ts';

/** Codes that the client knows, by the kind it gives them. */
const KINDS: Readonly<Record<string, string>> = {
  ERR: 'ResponseError',
  EXECABORT: 'ExecAbortError',
  LOADING: 'BusyLoadingError',
  NOSCRIPT: 'NoScriptError',
  MOVED: 'Moved',
  ASK: 'Ask',
  TRYAGAIN: 'TryAgain',
  CLUSTERDOWN: 'ClusterDown',
  CROSSSLOT: 'CrossSlot',
  MASTERDOWN: 'MasterDown',
  READONLY: 'ReadOnly',
  NOTBUSY: 'NotBusy',
};

export function refusalText({ code, detail }: RedisError): string {
  const kind = KINDS[code];
  const rest = detail === undefined ? '' : `: ${detail}`;
  return kind === undefined ? `${code}${rest}` : `An error was signalled by the server - ${kind}${rest}`;
}

/** undefined: a defect of ours, to be thrown again. */
export function connectionFailureText(error: unknown): string | undefined {
  if (error instanceof ConnectionLost || error instanceof ProtocolError) {
    return error.message;
  }
  return error instanceof ConnectError ? connectionErrorText(error) : undefined;
}

/** The reply is there, and not of the type that the command has. */
export const incompatibleText = (wanted: string): string =>
  `Response was of incompatible type - TypeError: ${wanted} expected`;
