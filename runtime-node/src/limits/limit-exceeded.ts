// The end of a call that took more than it may: which limit, what the client gets, what the log says. Thrown by
// whoever enforces a limit; nothing is decided here but words and status.
import { UserError } from '@spindle/api';
import { bytesText, durationText } from './quantities.ts';

/** HTTP status of a call that a limit ended; 504 where it was time that ran out. */
export type LimitStatus = 500 | 504;

interface LimitKind {
  readonly status: LimitStatus;
  /** What raises it; a limit without one is fixed. */
  readonly flag?: string;
  readonly unit: (value: number) => string;
}

const count = (value: number): string => String(value);

export const LIMITS = {
  memory: { status: 500, flag: '--max-instance-memory', unit: bytesText },
  'request time': { status: 504, flag: '--request-timeout', unit: durationText },
  'cpu time': { status: 504, flag: '--cpu-timeout', unit: durationText },
  'thread stall': { status: 504, flag: '--stall-timeout', unit: durationText },
  stack: { status: 500, unit: bytesText },
  table: { status: 500, unit: count },
  handles: { status: 500, unit: count },
  streams: { status: 500, unit: count },
  'open files': { status: 500, unit: count },
  timers: { status: 500, unit: count },
  /** Bytes that wait in this process to be taken by somebody. */
  output: { status: 500, unit: bytesText },
} as const satisfies Record<string, LimitKind>;

export type LimitName = keyof typeof LIMITS;

/** Without a value the limit is not ours, but the component's own or that of 32-bit addresses. */
function flagOf(limit: LimitName, value: number | undefined): string | undefined {
  const { flag }: LimitKind = LIMITS[limit];
  return value === undefined ? undefined : flag;
}

/** "the request time limit of 5 s was reached; --request-timeout raises it" */
function explain(limit: LimitName, value: number | undefined): string {
  const { unit }: LimitKind = LIMITS[limit];
  const size = value === undefined ? '' : ` of ${unit(value)}`;
  const flag = flagOf(limit, value);
  const raise = flag === undefined ? '' : `; ${flag} raises it`;
  return `the ${limit} limit${size} was reached${raise}`;
}

export interface LimitExceededOptions {
  /** The limit itself, in bytes, milliseconds or a number of things. */
  readonly value?: number;
  /** Id of the component, where the one who throws knows it. */
  readonly component?: string;
  readonly cause?: unknown;
}

export class LimitExceeded extends UserError {
  override readonly name = 'LimitExceeded';
  readonly limit: LimitName;
  readonly value: number | undefined;
  readonly component: string | undefined;

  constructor(limit: LimitName, { value, component, cause }: LimitExceededOptions = {}) {
    const flag = flagOf(limit, value);
    super(explain(limit, value), {
      code: 'SPK4050',
      ...(flag === undefined ? {} : { field: flag, remedy: `Give more with ${flag}, or mend the component.` }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.limit = limit;
    this.value = value;
    this.component = component;
  }

  get status(): LimitStatus {
    return LIMITS[this.limit].status;
  }
}
