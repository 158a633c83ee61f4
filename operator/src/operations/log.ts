// Logs: JSON lines with constant messages, all else as fields; never a value of a Secret (style A3-14).
import { UserError } from '@spindle/api';
import { ApiError } from '@spindle/kube';
import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import type { Flags } from './flags.ts';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'flush'>;

/** A reader that lives takes what is left in less. */
const LAST_WORDS_MS = 1_000;

/** What nobody has read yet; more is lost, as it should be with a reader that stands still. */
const MAX_UNREAD_BYTES = 4 << 20;

export function createLog(flags: Pick<Flags, 'zap-log-level' | 'zap-time-encoding'>): Log {
  const out = destination({
    fd: 2,
    sync: false,
    // With 0 `flush` waits for nothing.
    minLength: 1,
    maxLength: MAX_UNREAD_BYTES,
  });
  // By itself it would write the rest when the process exits, and would try for ever where nobody reads: see `lastWords`.
  out.flushSync = () => {};
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
    out,
  );
}

/** Before an exit: what was said is written when this settles, or nobody reads it. */
export async function lastWords(log: Log): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LAST_WORDS_MS);
  log.flush(() => resolve());
  await promise;
  clearTimeout(timer);
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
