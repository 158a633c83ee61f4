// Logs: JSON lines with constant messages, all else as fields; never a value of a Secret (style A3-14).
import { UserError } from '@spindle/api';
import { ApiError } from '@spindle/kube';
import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import type { Flags } from './flags.ts';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'flush'>;

/** What nobody has read yet; more is lost, as it should be with a reader that stands still. */
const MAX_UNREAD_BYTES = 4 << 20;

export function createLog(flags: Pick<Flags, 'zap-log-level' | 'zap-time-encoding'>): Log {
  return pino(
    {
      level: flags['zap-log-level'],
      base: null,
      timestamp: timestampOf(flags['zap-time-encoding']),
      formatters: { level: (level) => ({ level }) },
      messageKey: 'msg',
      serializers: { error: described },
    },
    // Whoever reads the log may be slow, and apps do not wait for it. What is said before the process ends is written then.
    destination({ fd: 2, sync: false, maxLength: MAX_UNREAD_BYTES }),
  );
}

function timestampOf(encoding: Flags['zap-time-encoding']): () => string {
  switch (encoding) {
    case 'epoch':
      return () => `,"ts":${Date.now() / 1000}`;
    case 'millis':
      return () => `,"ts":${Date.now()}`;
    case 'nano':
      return () => `,"ts":${Date.now()}000000`;
    default:
      return stdTimeFunctions.isoTime;
  }
}

/** Errors that users or the cluster make say all in their message; others are defects, whose place matters. */
function described(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) {
    return { message: String(error) };
  }
  const { name, message } = error;
  if (error instanceof ApiError) {
    return { name, message, status: error.status, reason: error.reason };
  }
  if (error instanceof UserError) {
    return {
      code: error.code,
      message,
      ...error.place,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    };
  }
  return 'retry' in error ? { name, message } : { name, message, stack: error.stack };
}
