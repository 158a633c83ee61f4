// What supervisor and serving thread say to each other. Plain data only: it is cloned on its way, compiled modules and
// shared memories aside, which both then have.
import { UserError, type ErrorCode, type ErrorPlace } from '@spindle/api';
import type { PreparedComponent } from '../component/index.ts';
import type { ComponentEngine, MeterReading } from '../metrics/meters.ts';
import type { TelemetryBatch } from '../telemetry/outgoing.ts';
import type { OutputBatch } from './outbox.ts';

/**
 * Where a thread listens: it opens the socket of the process, or joins in on the one that there is, if there is one. The
 * thread that opens is the first of the run.
 */
export type Listening = { readonly kind: 'open' } | { readonly kind: 'join'; readonly socket: number | undefined };

export interface ServeMessage<App> {
  readonly kind: 'serve';
  readonly app: App;
  /** Ids, in the order in which the thread tells them by index. */
  readonly components: readonly string[];
  /** By component id. */
  readonly prepared: ReadonlyMap<string, PreparedComponent>;
  readonly listening: Listening;
}

export type ToThread<App> =
  | ServeMessage<App>
  | { readonly kind: 'ping'; readonly turn: number }
  | { readonly kind: 'read-meters' }
  /** The telemetry that was sent has been taken. */
  | { readonly kind: 'telemetry-taken' }
  | { readonly kind: 'stop'; readonly deadlineMs: number };

/** A thread serves. */
export interface ServingMessage<Served> {
  readonly kind: 'serving';
  readonly served: Served;
  /** A descriptor of the socket for the supervisor to keep, from the thread that opened one. */
  readonly socket: number | undefined;
  readonly engine: readonly ComponentEngine[];
}

export type FromThread<Served> =
  | ServingMessage<Served>
  | { readonly kind: 'failed'; readonly error: PlainError }
  | { readonly kind: 'output'; readonly batch: OutputBatch }
  | { readonly kind: 'meters'; readonly reading: MeterReading }
  /** The app was a command, which has ended. */
  | { readonly kind: 'finished'; readonly code: number }
  | { readonly kind: 'telemetry'; readonly batch: TelemetryBatch }
  /** All requests have ended; of them so many were ended by force. */
  | { readonly kind: 'stopped'; readonly ended: number };

/** An error as it crosses threads: the user's own stays one. */
export interface PlainError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: PlainError | undefined;
  readonly user:
    | { readonly code: ErrorCode; readonly place: ErrorPlace; readonly remedy: string | undefined }
    | undefined;
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) {
    return { message: String(error), stack: undefined, cause: undefined, user: undefined };
  }
  const { message, stack } = error;
  const cause = error.cause === undefined ? undefined : toPlainError(error.cause);
  const user = error instanceof UserError ? { code: error.code, place: error.place, remedy: error.remedy } : undefined;
  return { message, stack, cause, user };
}

export function fromPlainError(plain: PlainError): Error {
  const { message, stack, user } = plain;
  const cause = plain.cause === undefined ? {} : { cause: fromPlainError(plain.cause) };
  const error =
    user === undefined
      ? new Error(message, cause)
      : new UserError(message, {
          ...user.place,
          ...cause,
          code: user.code,
          ...(user.remedy === undefined ? {} : { remedy: user.remedy }),
        });
  if (stack !== undefined) {
    // Where it was thrown, which is not here.
    error.stack = stack;
  }
  return error;
}
